package kgrec.model;

import java.util.List;
import java.util.function.UnaryOperator;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Node;
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
        PublishedRun run = PublishedRun.choose(tx, database.databaseName(), modelId);
        return new Scorer(run.id(), hold(database, run), check);
    }

    static NetworkCache.Key key(GraphDatabaseService database, PublishedRun run) {
        return new NetworkCache.Key(database.databaseName(), run.id(), run.digest());
    }

    /** The network, held for the caller. */
    static LoadedNetwork hold(GraphDatabaseService database, PublishedRun run) {
        return NetworkCache.shared().hold(key(database, run), () -> load(database, run, UnaryOperator.identity()));
    }

    /** Reads the network from the graph, and applies `renewal` to its statistics. */
    static LoadedNetwork load(GraphDatabaseService database, PublishedRun run, UnaryOperator<MovieState> renewal) {
        byte[] content = run.content();
        try {
            OnnxLibrary.unpack(database);
            return new LoadedNetwork(content, renewal);
        } catch (LinkageError absent) {
            throw new IllegalStateException("ONNX Runtime is not there or does not run on this machine (" + absent.getMessage()
                + "). Copy its jar, which `kgrec-gds plugin build` puts beside kgrec.jar, into the server's plugins folder and "
                + "restart the server.");
        }
    }

    private record Scorer(String modelId, LoadedNetwork network, Runnable check) implements RatingScorer {
        @Override
        public long now(History history) {
            List<HistoryEntry> entries = history.entries();
            long latest = entries.isEmpty() ? Long.MIN_VALUE : entries.get(entries.size() - 1).ratedAt();
            return Math.max(network.state.knownUntil, latest + 1);
        }

        @Override
        public List<ScoredRating> score(Transaction tx, History history, List<Node> movies, long at, long ratedAt) {
            return network.score(history, movies, at, ratedAt, check);
        }

        @Override
        public void close() {
            network.release();
        }
    }
}
