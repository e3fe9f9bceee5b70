package kgrec.recommend;

import java.util.HashMap;
import java.util.Map;
import org.neo4j.graphdb.Transaction;

/** Cosine of two movies' FastRP vectors; 0 where one has none. */
final class Similarity {
    private static final String PROPERTY = "fastRP";
    private static final double[] NONE = {};

    private final Transaction tx;
    private final Catalogue catalogue;
    private final Map<Integer, double[]> vectors = new HashMap<>();

    Similarity(Transaction tx, Catalogue catalogue) {
        this.tx = tx;
        this.catalogue = catalogue;
    }

    double of(int movie, int other) {
        double[] one = vectors.computeIfAbsent(movie, this::unit);
        double[] two = vectors.computeIfAbsent(other, this::unit);
        double sum = 0;
        for (int i = 0; one.length == two.length && i < one.length; i++) {
            sum += one[i] * two[i];
        }
        return sum;
    }

    private double[] unit(int movie) {
        Object value = tx.getNodeById(catalogue.nodeId(movie)).getProperty(PROPERTY, null);
        double[] vector = NONE;
        if (value instanceof double[] doubles) {
            vector = doubles.clone();
        } else if (value instanceof float[] floats) {
            vector = new double[floats.length];
            for (int i = 0; i < floats.length; i++) {
                vector[i] = floats[i];
            }
        }
        double squares = 0;
        for (double x : vector) {
            squares += x * x;
        }
        for (int i = 0; i < vector.length && squares > 0; i++) {
            vector[i] /= Math.sqrt(squares);
        }
        return vector;
    }
}
