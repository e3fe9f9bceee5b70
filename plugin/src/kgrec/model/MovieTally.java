package kgrec.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.neo4j.graphdb.Direction;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Relationship;
import org.neo4j.graphdb.RelationshipType;

/**
 * A movie's ratings as of a time: their number, residuals and times, and the movie's deviation in the baseline estimate.
 *
 * @param weighted exponentially weighted sums of residuals and of ones, by name as in `week`
 */
record MovieTally(double count, double residual, double square, double last, double firstAt, double lastAt, double deviation,
    Map<String, double[]> weighted) {
    private static final RelationshipType RATED = RelationshipType.withName("RATED");

    private record Rating(long at, double residual) {}

    /** As of the published statistics. */
    static MovieTally published(MovieState state, int row) {
        Map<String, double[]> weighted = new HashMap<>();
        for (String name : state.weightedNames) {
            double[] sums = {state.weighted.get(name + "_residual")[row], state.weighted.get(name + "_mass")[row]};
            weighted.put(name, sums);
        }
        return new MovieTally(state.count[row], state.residual[row], state.square[row], state.last[row], state.firstAt[row],
            state.lastAt[row], state.deviation[row], weighted);
    }

    /**
     * As of a time before the published statistics, from the movie's ratings in the graph and what was known at each: what
     * came later, an own rating of the movie above all, must not be known.
     */
    static MovieTally asOf(MovieState state, int row, Node movie, long at, Runnable check) {
        int code = code(String.valueOf(movie.getProperty("tconst", "")));
        double deviation = state.deviation[row];
        long next = Long.MAX_VALUE; // time of the first rating that is not known; what was known at it is known at `at`
        List<Rating> ratings = new ArrayList<>();
        for (Relationship rated : movie.getRelationships(Direction.INCOMING, RATED)) {
            if (!(rated.getProperty("rating", null) instanceof Number rating)
                || !(rated.getProperty("ratedAt", null) instanceof Number ratedAt)) {
                continue;
            }
            check.run();
            long time = ratedAt.longValue();
            if (time >= next) {
                continue;
            }
            Pasts.Past past = past(state, rated.getStartNode(), time, code);
            if (time < at) {
                double baseline = past == null ? state.mean + state.deviation[row] : past.baseline();
                ratings.add(new Rating(time, state.residual(rating.doubleValue(), baseline)));
            } else if (past != null) {
                next = time;
                deviation = past.deviation();
            }
        }
        ratings.sort(Comparator.comparingLong(Rating::at));
        return of(state, ratings, deviation);
    }

    private static Pasts.Past past(MovieState state, Node user, long time, int code) {
        Pasts.Past past = user.getProperty("ratingPasts", null) instanceof byte[] pasts ? Pasts.find(pasts, time, code) : null;
        byte[] newer = past == null ? state.newerPasts.get(String.valueOf(user.getProperty("userId", ""))) : null;
        return newer == null ? past : Pasts.find(newer, time, code);
    }

    private static MovieTally of(MovieState state, List<Rating> ratings, double deviation) {
        int size = ratings.size();
        long[] at = ratings.stream().mapToLong(Rating::at).toArray();
        double[] residual = ratings.stream().mapToDouble(Rating::residual).toArray();
        double total = 0;
        double squares = 0;
        for (double each : residual) {
            total += each;
            squares += Events.exact(each * each);
        }
        Map<String, double[]> weighted = new HashMap<>();
        for (String name : state.weightedNames) {
            weighted.put(name, Statistics.weighted(at, residual, Statistics.movieDecay(name)));
        }
        double last = size == 0 ? 0 : residual[size - 1];
        return new MovieTally(size, total, squares, last, size == 0 ? 0 : at[0], size == 0 ? 0 : at[size - 1], deviation,
            weighted);
    }

    static int code(String tconst) {
        CRC32 code = new CRC32();
        code.update(tconst.getBytes(StandardCharsets.UTF_8));
        return (int) code.getValue();
    }
}
