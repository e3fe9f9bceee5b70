package kgrec.kge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;

/** Reads and writes vectors as node properties, in batches with their own transactions. */
final class Vectors {
    private static final int BATCH = 10_000;

    private final GraphDatabaseService database;
    private final Runnable check;

    /** @param check throws if the calling transaction has been terminated */
    Vectors(GraphDatabaseService database, Runnable check) {
        this.database = database;
        this.check = check;
    }

    /** @return the number of node properties written */
    long writeNodes(Projection projection, float[][] vectors, String property) {
        long written = 0;
        for (int start = 0; start < vectors.length; start += BATCH) {
            check.run();
            try (Transaction batch = database.beginTx()) {
                for (int i = start; i < Math.min(vectors.length, start + BATCH); i++) {
                    if (vectors[i] != null) {
                        batch.getNodeById(projection.nodeId(i)).setProperty(property, vectors[i]);
                        written++;
                    }
                }
                batch.commit();
            }
        }
        return written;
    }

    /** Writes the vector of each relationship type to its node, which is created if missing. */
    long writeTypes(List<String> names, float[][] vectors, String label, String key, String property) {
        try (Transaction transaction = database.beginTx()) {
            for (int i = 0; i < vectors.length; i++) {
                Node node = transaction.findNode(Label.label(label), key, names.get(i));
                if (node == null) {
                    node = transaction.createNode(Label.label(label));
                    node.setProperty(key, names.get(i));
                }
                node.setProperty(property, vectors[i]);
            }
            transaction.commit();
        }
        return vectors.length;
    }

    /**
     * Reads the vectors of entities and relations.
     *
     * @param refuseIfTooMuch is called with the length of the first vector, before the others are read
     * @throws IllegalArgumentException if there are none, or their lengths differ
     */
    Model read(Score score, Projection projection, List<String> types, String label, String key, String property,
            IntConsumer refuseIfTooMuch) {
        float[][] entities = new float[projection.entityCount()][];
        boolean first = true;
        for (int start = 0; start < entities.length; start += BATCH) {
            check.run();
            try (Transaction batch = database.beginTx()) {
                for (int i = start; i < Math.min(entities.length, start + BATCH); i++) {
                    Node node = batch.getNodeById(projection.nodeId(i));
                    entities[i] = floats(node.getProperty(property, null), property);
                    if (first && entities[i] != null) {
                        refuseIfTooMuch.accept(entities[i].length);
                        first = false;
                    }
                }
            }
        }
        float[][] relations = new float[types.size()][];
        try (Transaction transaction = database.beginTx()) {
            for (int i = 0; i < relations.length; i++) {
                Node node = transaction.findNode(Label.label(label), key, types.get(i));
                relations[i] = node == null ? null : floats(node.getProperty(property, null), property);
            }
        }
        return new Model(score, dimension(entities, relations, property), entities, relations);
    }

    private static float[] floats(Object value, String property) {
        return switch (value) {
            case null -> null;
            case float[] floats -> floats;
            case double[] doubles -> {
                float[] floats = new float[doubles.length];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) doubles[i];
                }
                yield floats;
            }
            default -> throw new IllegalArgumentException("Node property `" + property + "` must be of type `List` of `Float` "
                + "but was `" + value.getClass().getSimpleName() + "`.");
        };
    }

    private static int dimension(float[][] entities, float[][] relations, String property) {
        int dimension = 0;
        for (float[][] rows : List.of(entities, relations)) {
            for (float[] row : rows) {
                if (row != null && dimension != 0 && row.length != dimension) {
                    throw new IllegalArgumentException("The vectors in node property `" + property + "` have different "
                        + "lengths, " + dimension + " and " + row.length + ". Write them again with kgrec.kge.write.");
                }
                dimension = row == null ? dimension : row.length;
            }
        }
        if (dimension == 0) {
            throw new IllegalArgumentException("No node of the graph has a vector in `" + property
                + "`. Write vectors with kgrec.kge.write first.");
        }
        return dimension;
    }

    /**
     * Entities in the order of their keys, so that training does not depend on node ids.
     *
     * @param properties a node's key is the first of these that it has
     * @throws IllegalArgumentException if a node has no key, or two nodes have the same
     */
    int[] byKey(Projection projection, List<String> properties) {
        List<Map.Entry<String, Integer>> keys = new ArrayList<>();
        for (int start = 0; start < projection.entityCount(); start += BATCH) {
            check.run();
            try (Transaction batch = database.beginTx()) {
                for (int i = start; i < Math.min(projection.entityCount(), start + BATCH); i++) {
                    keys.add(Map.entry(key(batch.getNodeById(projection.nodeId(i)), properties), i));
                }
            }
        }
        keys.sort(Map.Entry.comparingByKey());
        for (int i = 1; i < keys.size(); i++) {
            if (keys.get(i).getKey().equals(keys.get(i - 1).getKey())) {
                throw new IllegalArgumentException("Value for `nodeKeyProperties` must identify nodes, but two have "
                    + keys.get(i).getKey() + ".");
            }
        }
        return keys.stream().mapToInt(Map.Entry::getValue).toArray();
    }

    private static String key(Node node, List<String> properties) {
        for (String property : properties) {
            Object value = node.getProperty(property, null);
            if (value != null) {
                return property + "=" + value;
            }
        }
        throw new IllegalArgumentException("Node " + node.getElementId() + " has none of the `nodeKeyProperties` "
            + properties + ".");
    }
}
