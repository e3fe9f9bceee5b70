package kgrec.recommend;

import java.util.HashMap;
import java.util.Map;
import org.neo4j.graphdb.Transaction;

/** Cosine of two movies' vectors, those that the model run reads; 0 where one has none. */
final class Similarity {
    private static final Map<String, String> PROPERTIES =
        Map.of("fastrp", "fastRP", "node2vec", "node2vec", "transe", "transE", "distmult", "distMult");
    private static final double[] NONE = {};

    private final Transaction tx;
    private final String property;
    private final Catalogue catalogue;
    private final Map<Integer, double[]> vectors = new HashMap<>();

    /** @param method of the vectors, as the run names it; null for none */
    Similarity(Transaction tx, Catalogue catalogue, String method) {
        this.tx = tx;
        property = method == null ? null : PROPERTIES.get(method);
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
        Object value = property == null ? null : tx.getNodeById(catalogue.nodeId(movie)).getProperty(property, null);
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
