package kgrec.model;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import kgrec.Memory;
import org.neo4j.graphdb.Direction;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Relationship;
import org.neo4j.graphdb.RelationshipType;
import org.neo4j.graphdb.Transaction;

/** A model run of the graph, as the caller's transaction sees it. */
record PublishedRun(Node node, String id, String model, String digest, Long bytes, Long knownUntil) {
    private static final Label MODEL_RUN = Label.label("ModelRun");
    private static final RelationshipType HAS_PART = RelationshipType.withName("HAS_PART");
    private static final String SERVED = "attention_lstm";
    /** Java's arrays end there. */
    private static final long MOST_BYTES = 2_000_000_000L;
    private static final int LONGEST_PART = 64 << 20;

    /** All runs, the latest first. */
    static List<PublishedRun> all(Transaction tx) {
        List<Node> nodes = new ArrayList<>();
        tx.findNodes(MODEL_RUN).forEachRemaining(nodes::add);
        Comparator<Node> byCreation = Comparator.comparing(node -> String.valueOf(node.getProperty("created", "")));
        Comparator<Node> byId = Comparator.comparing(node -> String.valueOf(node.getProperty("id", "")));
        return nodes.stream().sorted(byCreation.thenComparing(byId).reversed()).map(PublishedRun::of).toList();
    }

    private static PublishedRun of(Node node) {
        return new PublishedRun(node, text(node, "id"), text(node, "model"), text(node, "networkDigest"),
            number(node, "networkBytes"), number(node, "knownUntil"));
    }

    private static String text(Node node, String key) {
        return node.getProperty(key, null) instanceof String value ? value : null;
    }

    private static Long number(Node node, String key) {
        return node.getProperty(key, null) instanceof Number value ? Long.valueOf(value.longValue()) : null;
    }

    boolean promoted() {
        return Boolean.TRUE.equals(node.getProperty("promoted", false));
    }

    boolean published() {
        return digest != null;
    }

    /**
     * The run with this id; without an id (null or empty) the promoted one, else the latest that is published.
     *
     * @throws IllegalArgumentException if there is none, or it is not published
     */
    static PublishedRun choose(Transaction tx, String database, String modelId) {
        List<PublishedRun> runs = all(tx);
        PublishedRun run;
        if (modelId != null && !modelId.isEmpty()) {
            run = runs.stream().filter(each -> modelId.equals(each.id)).findFirst().orElseThrow(() ->
                new IllegalArgumentException("There is no model run `" + modelId + "` in database `" + database
                    + "`. CALL kgrec.model.list() shows those that are there."));
        } else {
            run = runs.stream().filter(PublishedRun::promoted).findFirst()
                .or(() -> runs.stream().filter(PublishedRun::published).findFirst())
                .orElseThrow(() -> new IllegalArgumentException("No model run is published in database `" + database
                    + "`. Train one with `kgrec-gds train`, which publishes it."));
        }
        if (run.model != null && !run.model.equals(SERVED)) {
            throw new IllegalArgumentException("Model run `" + run.id + "` is of the model `" + run.model
                + "`, which only Python can ask; the database serves `" + SERVED + "`. Name such a run as `modelId`, or promote it "
                + "with `kgrec-gds models promote`.");
        }
        if (!run.published()) {
            throw new IllegalArgumentException("Model run `" + run.id + "` is not published in database `" + database
                + "`. Publish it: train without `--no-publish`, or let `kgrec-gds predict` renew it.");
        }
        return run;
    }

    /**
     * Reads the network's bytes.
     *
     * @throws IllegalArgumentException if parts are missing or the digest does not fit
     * @throws IllegalStateException if there is not enough heap
     */
    byte[] content() {
        if (bytes == null || bytes <= 0 || bytes > MOST_BYTES) {
            throw damaged("its `networkBytes` is " + bytes);
        }
        // The bytes, the arrays made of them, and the ids of movies.
        Memory.refuseIfTooMuch(Memory.product(4, bytes), false, "Give the server more heap.");
        TreeMap<Long, Node> parts = new TreeMap<>();
        for (Relationship has : node.getRelationships(Direction.OUTGOING, HAS_PART)) {
            Node part = has.getEndNode();
            if (digest.equals(part.getProperty("digest", null)) && part.getProperty("number", null) instanceof Number number) {
                parts.put(number.longValue(), part);
            }
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream((int) Math.min(bytes, LONGEST_PART));
        for (Node part : parts.values()) {
            if (!(part.getProperty("bytes", null) instanceof byte[] values)) {
                throw damaged("a part holds no bytes");
            }
            if (content.size() + (long) values.length > bytes) {
                throw damaged("its parts hold more than `networkBytes`, " + bytes);
            }
            content.writeBytes(values);
        }
        if (content.size() != bytes) {
            throw damaged("its parts hold " + content.size() + " of " + bytes + " bytes");
        }
        byte[] whole = content.toByteArray();
        if (!digestOf(whole).equals(digest)) {
            throw damaged("its SHA-256 is not the `networkDigest`");
        }
        return whole;
    }

    private IllegalArgumentException damaged(String problem) {
        return new IllegalArgumentException("The network of model run `" + id + "` is damaged: " + problem
            + ". Publish it again: let `kgrec-gds predict` renew it, or train again.");
    }

    private static String digestOf(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
