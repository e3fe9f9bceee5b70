package kgrec.recommend;

import kgrec.Memory;
import org.neo4j.graphdb.Relationship;
import org.neo4j.graphdb.RelationshipType;
import org.neo4j.graphdb.ResourceIterator;
import org.neo4j.graphdb.Transaction;

/** Decaying popularity and number of ratings by movie index, as of one time. */
final class Popularity {
    private static final RelationshipType RATED = RelationshipType.withName("RATED");
    private static final int CHECK_EVERY = 10_000;

    private final double[] values;
    private final int[] counts;
    final double sum;
    final double squares;

    Popularity(double[] values, int[] counts) {
        this.values = values;
        this.counts = counts;
        double total = 0;
        double totalSquares = 0;
        for (double value : values) {
            total += value;
            totalSquares += value * value;
        }
        sum = total;
        squares = totalSquares;
    }

    /** From all ratings before a time: each counts 0.5 ^ (age / half-life). */
    static Popularity before(Transaction tx, Catalogue catalogue, long at, double halfLife, Runnable check) {
        Memory.refuseIfTooMuch(Memory.product(catalogue.size(), Double.BYTES + Integer.BYTES), false,
            "Give the server more heap.");
        double[] values = new double[catalogue.size()];
        int[] counts = new int[catalogue.size()];
        long read = 0;
        try (ResourceIterator<Relationship> ratings = tx.findRelationships(RATED)) {
            while (ratings.hasNext()) {
                Relationship rating = ratings.next();
                if (read++ % CHECK_EVERY == 0) {
                    check.run();
                }
                if (rating.getProperty("ratedAt", null) instanceof Number time && time.longValue() < at) {
                    int movie = catalogue.index(rating.getEndNodeId());
                    if (movie >= 0) {
                        values[movie] += Math.pow(0.5, (at - time.longValue()) / halfLife);
                        counts[movie]++;
                    }
                }
            }
        }
        return new Popularity(values, counts);
    }

    double of(int movie) {
        return values[movie];
    }

    int ratings(int movie) {
        return counts[movie];
    }
}
