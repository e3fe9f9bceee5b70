package kgrec.recommend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kgrec.model.ScoredRating;
import org.neo4j.graphdb.Node;

/**
 * Ratings that, had they not been given, would take a movie out of the top k, and those that would move its predicted
 * rating most. They are found by asking again without them, one rating after the other (greedy).
 */
final class Counterfactuals {
    /** Ratings tried for each place: those that give the movie most, or get most of the attention. */
    private static final int TRIED = 20;

    private final Question question;
    private final int movie;
    private final int most;

    Counterfactuals(Question question, int movie) {
        this.question = question;
        this.movie = movie;
        most = question.request.leftOut();
    }

    /**
     * @param rank of the movie with the whole history; null if it may not stand in the list
     * @param rating the predicted rating with the whole history
     */
    List<Map<String, Object>> find(Scores scores, Long rank, ScoredRating rating) {
        List<Map<String, Object>> found = new ArrayList<>();
        if (most == 0) {
            return found;
        }
        if (rank != null && rank <= question.request.topK()) {
            List<Integer> tried = IntStream.of(scores.liked()).boxed().filter(liked -> scores.partOf(liked, movie) > 0)
                .sorted(Comparator.comparingDouble(liked -> -scores.partOf(liked, movie))).limit(TRIED).toList();
            Set<Integer> leftOut = greedy(tried, this::rank, question.request.topK());
            if (rank(leftOut) > question.request.topK()) {
                found.add(row("leavesTopK", leftOut));
            }
        }
        if (question.ratings.predicts()) {
            double before = rating.rating();
            Set<Integer> leftOut = greedy(attended(rating), left -> Math.abs(rating(left) - before), Double.MAX_VALUE);
            if (!leftOut.isEmpty()) {
                found.add(row("movesRating", leftOut));
            }
        }
        return found;
    }

    /** Adds the rating that gains most, until the gain is above the goal or does not grow. */
    private Set<Integer> greedy(List<Integer> tried, ToDoubleFunction<Set<Integer>> gain, double goal) {
        Set<Integer> leftOut = new LinkedHashSet<>();
        double reached = gain.applyAsDouble(leftOut);
        while (leftOut.size() < most && reached <= goal) {
            int best = -1;
            for (int candidate : tried) {
                if (!leftOut.contains(candidate)) {
                    Set<Integer> more = new LinkedHashSet<>(leftOut);
                    more.add(candidate);
                    double gained = gain.applyAsDouble(more);
                    if (gained > reached) {
                        best = candidate;
                        reached = gained;
                    }
                }
            }
            if (best < 0) {
                break;
            }
            leftOut.add(best);
        }
        return leftOut;
    }

    /**
     * Rank among the others. A movie whose rating is left out can be recommended again, but that it takes the place is no
     * reason for the recommendation, so it does not count here.
     */
    private long rank(Set<Integer> leftOut) {
        try (Scores scores = question.scores(leftOut)) {
            return question.selection(scores).rank(movie, leftOut);
        }
    }

    private double rating(Set<Integer> leftOut) {
        return scored(leftOut).rating();
    }

    private ScoredRating scored(Set<Integer> leftOut) {
        question.check.run();
        Set<String> tconsts = leftOut.stream().map(question::tconst).collect(Collectors.toCollection(HashSet::new));
        return question.ratings.of(List.of(question.node(movie)), tconsts).get(0);
    }

    private List<Integer> attended(ScoredRating rating) {
        return IntStream.range(0, rating.attentionMovies().size()).boxed()
            .sorted(Comparator.comparingDouble(i -> -rating.attentionWeights().get(i))).limit(TRIED)
            .map(i -> question.tx.findNode(Catalogue.MOVIE, "tconst", rating.attentionMovies().get(i)))
            .filter(node -> node != null).map(node -> question.catalogue.index(node.getId()))
            .filter(index -> index >= 0 && question.rated.contains(index)).distinct().toList();
    }

    /** What asking again without the ratings answers. */
    private Map<String, Object> row(String effect, Set<Integer> leftOut) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("effect", effect);
        row.put("leftOut", leftOut.stream().map(this::leftOut).toList());
        try (Scores scores = question.scores(leftOut)) {
            row.put("rank", question.selection(scores).rank(movie, Set.of()));
            row.put("score", scores.of(movie));
        }
        row.put("rating", Ratings.value(scored(leftOut)));
        return row;
    }

    private Map<String, Object> leftOut(int rated) {
        Map<String, Object> row = new LinkedHashMap<>();
        Node node = question.node(rated);
        row.put("movie", node);
        row.put("tconst", node.getProperty("tconst", null));
        row.put("rating", question.rated.rating(rated));
        return row;
    }
}
