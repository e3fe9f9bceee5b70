package kgrec.recommend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;

/** Chooses the movies of a list from their scores. */
final class Selection {
    /** Movies with at most so many ratings can have a place for new ones. */
    private static final int FEW_RATINGS = 2;
    /** Candidates for a diverse list. */
    private static final int DIVERSE_FROM = 100;
    private static final int CHECK_EVERY = 1 << 16;

    private final Catalogue catalogue;
    private final Scores scores;
    private final int[] candidates;
    private final Request request;
    private final Runnable check;

    /** @param candidates movie indices, or null for all movies */
    Selection(Catalogue catalogue, Scores scores, int[] candidates, Request request, Runnable check) {
        this.catalogue = catalogue;
        this.scores = scores;
        this.candidates = candidates;
        this.request = request;
        this.check = check;
    }

    /** Movies in the order of the list; those in the places for new movies are the last. */
    List<Integer> list(Similarity similarity) {
        List<Integer> fresh = best(request.newPlaces(), scores::sharedPeople, movie -> mayStand(movie)
            && scores.ratings(movie) <= FEW_RATINGS && scores.sharedPeople(movie) > 0);
        Set<Integer> taken = new HashSet<>(fresh);
        int places = request.topK() - fresh.size();
        boolean diverse = request.diversity() > 0;
        int depth = diverse ? Math.max(DIVERSE_FROM, request.topK()) : request.topK();
        List<Integer> ordinary = best(depth, scores::of, this::mayStand).stream().filter(movie -> !taken.contains(movie))
            .toList();
        List<Integer> list = new ArrayList<>(diverse
            ? Diversity.rerank(ordinary, scores::of, similarity, request.diversity(), places, check)
            : ordinary.subList(0, Math.min(places, ordinary.size())));
        list.addAll(fresh);
        return list;
    }

    boolean mayStand(int movie) {
        return !scores.isRated(movie) && scores.ratings(movie) >= request.minRatings();
    }

    /** Rank of a movie by its score among those that may stand in the list, from 1. */
    long rank(int movie, Set<Integer> ignored) {
        double score = scores.of(movie);
        long rank = 1;
        for (int i = 0; i < count(); i++) {
            checkAt(i);
            int other = movie(i);
            double theirs = scores.of(other);
            boolean ahead = theirs > score || theirs == score && other != movie && catalogue.compareTies(other, movie) < 0;
            rank += ahead && mayStand(other) && !ignored.contains(other) ? 1 : 0;
        }
        return rank;
    }

    boolean isCandidate(int movie) {
        for (int i = 0; candidates != null && i < candidates.length; i++) {
            if (candidates[i] == movie) {
                return mayStand(movie);
            }
        }
        return candidates == null && mayStand(movie);
    }

    private record Scored(int movie, double score) {}

    private List<Integer> best(int places, IntToDoubleFunction score, IntPredicate allowed) {
        Comparator<Scored> bestFirst = (one, other) -> one.score == other.score
            ? catalogue.compareTies(one.movie, other.movie) : Double.compare(other.score, one.score);
        PriorityQueue<Scored> kept = new PriorityQueue<>(bestFirst.reversed());
        double least = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count() && places > 0; i++) {
            checkAt(i);
            int movie = movie(i);
            double value = score.applyAsDouble(movie);
            if (value < least || !allowed.test(movie)) {
                continue;
            }
            Scored scored = new Scored(movie, value);
            if (kept.size() < places) {
                kept.add(scored);
            } else if (bestFirst.compare(scored, kept.peek()) < 0) {
                kept.poll();
                kept.add(scored);
            }
            least = kept.size() < places ? least : kept.peek().score;
        }
        return kept.stream().sorted(bestFirst).map(Scored::movie).toList();
    }

    private int count() {
        return candidates == null ? catalogue.size() : candidates.length;
    }

    private int movie(int i) {
        return candidates == null ? i : candidates[i];
    }

    private void checkAt(int i) {
        if (i % CHECK_EVERY == 0) {
            check.run();
        }
    }
}
