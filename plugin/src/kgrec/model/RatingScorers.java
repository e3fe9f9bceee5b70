package kgrec.model;

import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Transaction;

/** Opens the networks that stand in the graph. */
public final class RatingScorers {
    private RatingScorers() {}

    /**
     * The network of a model run; null names the promoted run, else the latest one that is published.
     *
     * @param check throws if the transaction has been terminated
     * @throws IllegalArgumentException if there is no such run or it has no network in the graph, in one sentence
     */
    public static RatingScorer open(GraphDatabaseService database, Transaction tx, String modelId, Runnable check) {
        throw new IllegalArgumentException("No model run in database `" + database.databaseName() + "` is published. "
            + "Train one with kgrec-gds train, or publish one.");
    }
}
