package kgrec.recommend;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * Maximal marginal relevance (Carbonell and Goldstein 1998): the next movie is the one with the largest
 * (1 - diversity) * relevance - diversity * (largest cosine to a movie already listed),
 * where relevance is the score, scaled to 0..1 between the lowest and the highest of the candidates.
 */
final class Diversity {
    private Diversity() {}

    /** @param ranked candidates, best first; of two that are equal the first is listed */
    static List<Integer> rerank(List<Integer> ranked, IntToDoubleFunction score, Similarity similarity, double diversity,
            int places, Runnable check) {
        List<Integer> left = new ArrayList<>(ranked);
        List<Integer> listed = new ArrayList<>();
        double highest = ranked.isEmpty() ? 0 : score.applyAsDouble(ranked.get(0));
        double lowest = ranked.isEmpty() ? 0 : score.applyAsDouble(ranked.get(ranked.size() - 1));
        // largest[i]: cosine of the candidate left[i] to the nearest of those listed
        List<Double> largest = new ArrayList<>(left.stream().map(movie -> Double.NEGATIVE_INFINITY).toList());
        while (listed.size() < places && !left.isEmpty()) {
            check.run();
            int best = 0;
            double bestValue = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < left.size(); i++) {
                double relevance = highest > lowest ? (score.applyAsDouble(left.get(i)) - lowest) / (highest - lowest) : 0;
                double value = (1 - diversity) * relevance - (listed.isEmpty() ? 0 : diversity * largest.get(i));
                if (value > bestValue) {
                    best = i;
                    bestValue = value;
                }
            }
            int movie = left.remove(best);
            largest.remove(best);
            listed.add(movie);
            for (int i = 0; i < left.size() && listed.size() < places; i++) {
                largest.set(i, Math.max(largest.get(i), similarity.of(left.get(i), movie)));
            }
        }
        return listed;
    }
}
