package kgrec.recommend;

import java.time.Instant;
import java.time.ZonedDateTime;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.ResourceIterator;
import org.neo4j.graphdb.Transaction;

/**
 * The weights by which a model run ranks.
 *
 * @param togetherWeight a, of what is liked together
 * @param peopleWeight b, of shared people
 * @param popularityWeight c, of popularity
 * @param halfLife of popularity, seconds
 * @param vectors method of the vectors that the run reads, null for none
 * @param hasNetwork whether its network stands in the graph
 */
record RankingRun(String modelId, double togetherWeight, double peopleWeight, double popularityWeight, double halfLife,
        String vectors, boolean hasNetwork) {
    private static final Label MODEL_RUN = Label.label("ModelRun");

    /**
     * The run of this id; without an id the promoted one, else the latest that can rank.
     *
     * @throws IllegalArgumentException if there is none, or its ranking is not in the graph
     */
    static RankingRun of(Transaction tx, String modelId, String database) {
        Node promoted = null;
        Node latest = null;
        try (ResourceIterator<Node> runs = tx.findNodes(MODEL_RUN)) {
            while (runs.hasNext()) {
                Node run = runs.next();
                if (modelId != null && modelId.equals(run.getProperty("id", null))) {
                    return read(run);
                }
                if (Boolean.TRUE.equals(run.getProperty("promoted", null))) {
                    promoted = run;
                }
                if (ranks(run) && (latest == null || isLater(run, latest))) {
                    latest = run;
                }
            }
        }
        if (modelId != null) {
            throw new IllegalArgumentException("There is no model run `" + modelId + "` in database `" + database
                + "`. `kgrec-gds models list` shows those that there are.");
        }
        if (promoted == null && latest == null) {
            throw new IllegalArgumentException("No model run in database `" + database + "` has its ranking in the graph. "
                + "Train one with `kgrec-gds train`, or write that of a trained one with `kgrec-gds predict`.");
        }
        return read(promoted != null ? promoted : latest);
    }

    /** Whether all of its ranking is in the graph: one run's at a time, and none while it is written. */
    private static boolean ranks(Node run) {
        return run.hasProperty("rankingDigest") && run.hasProperty("rankingLikedTogether")
            && run.hasProperty("rankingPeople") && run.hasProperty("rankingPopularity");
    }

    private static boolean isLater(Node run, Node other) {
        int order = created(run).compareTo(created(other));
        return order == 0 ? String.valueOf(run.getProperty("id", "")).compareTo(String.valueOf(other.getProperty("id", ""))) > 0
            : order > 0;
    }

    private static Instant created(Node run) {
        return run.getProperty("created", null) instanceof ZonedDateTime time ? time.toInstant() : Instant.MIN;
    }

    private static RankingRun read(Node run) {
        if (!ranks(run)) {
            Object id = run.getProperty("id", "");
            throw new IllegalArgumentException("The ranking of model run `" + id + "` is not in the graph: another run's is, or it "
                + "is being written. Write it with `kgrec-gds predict --model " + id + "`, or name another run by `modelId`.");
        }
        return new RankingRun(String.valueOf(run.getProperty("id", "")), number(run, "rankingLikedTogether"),
            number(run, "rankingPeople"), number(run, "rankingPopularity"), number(run, "popularityHalfLife"),
            run.getProperty("embeddings", null) instanceof String method ? method : null, run.hasProperty("networkDigest"));
    }

    private static double number(Node run, String property) {
        return run.getProperty(property, null) instanceof Number number ? number.doubleValue() : 0;
    }
}
