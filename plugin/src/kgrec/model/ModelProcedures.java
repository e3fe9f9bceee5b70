package kgrec.model;

import static org.neo4j.procedure.Mode.READ;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Transaction;
import org.neo4j.procedure.Context;
import org.neo4j.procedure.Description;
import org.neo4j.procedure.Name;
import org.neo4j.procedure.Procedure;
import org.neo4j.procedure.TerminationGuard;

/** The procedures kgrec.model.*. */
public final class ModelProcedures {
    private static final String WHICH = "the promoted model run, else the latest published one, if no id is given.";

    @Context
    public GraphDatabaseService database;

    @Context
    public Transaction tx;

    @Context
    public TerminationGuard guard;

    /** A model run. Its statistics, those in memory if it is loaded, are of the ratings before `knownUntil`. */
    public static final class Row {
        public final String modelId;
        public final String model;
        public final boolean promoted;
        public final boolean published;
        public final boolean loaded;
        public final Long knownUntil;
        public final Long bytes;
        public final String digest;

        Row(PublishedRun run, Long loadedUntil) {
            modelId = run.id();
            model = run.model();
            promoted = run.promoted();
            published = run.published();
            loaded = loadedUntil != null;
            knownUntil = loaded ? loadedUntil : run.knownUntil();
            bytes = run.bytes();
            digest = run.digest();
        }
    }

    /** A network that has left the memory. */
    public static final class Unloaded {
        public final String modelId;
        public final String digest;

        Unloaded(NetworkCache.Key key) {
            modelId = key.modelId();
            digest = key.digest();
        }
    }

    @Procedure(name = "kgrec.model.list", mode = READ)
    @Description("Lists the model runs of this database, the latest first, and which of their networks are in memory.")
    public Stream<Row> list() {
        return PublishedRun.all(tx).stream().map(this::row);
    }

    @Procedure(name = "kgrec.model.load", mode = READ)
    @Description("Loads the network of a model run into memory, as the first question would: " + WHICH)
    public Stream<Row> load(@Name(value = "modelId", defaultValue = "") String modelId) {
        PublishedRun run = PublishedRun.choose(tx, database.databaseName(), modelId);
        RatingScorers.hold(database, run).release();
        return Stream.of(row(run));
    }

    @Procedure(name = "kgrec.model.refresh", mode = READ)
    @Description("Loads the network of a model run again, with the statistics of its movies brought up to date in memory: " + WHICH)
    public Stream<Row> refresh(@Name(value = "modelId", defaultValue = "") String modelId) {
        PublishedRun run = PublishedRun.choose(tx, database.databaseName(), modelId);
        UnaryOperator<MovieState> renewal = state -> Renewal.renewed(state, database, guard::check);
        NetworkCache.shared().replace(RatingScorers.key(database, run), () -> RatingScorers.load(database, run, renewal));
        return Stream.of(row(run));
    }

    @Procedure(name = "kgrec.model.unload", mode = READ)
    @Description("Removes the network of a model run from memory, or those of all runs of this database; they stay in the graph.")
    public Stream<Unloaded> unload(@Name(value = "modelId", defaultValue = "") String modelId) {
        List<NetworkCache.Key> dropped = NetworkCache.shared().drop(database.databaseName(),
            modelId == null || modelId.isEmpty() ? null : modelId);
        return dropped.stream().map(Unloaded::new);
    }

    private Row row(PublishedRun run) {
        return new Row(run, run.published() ? NetworkCache.shared().knownUntil(RatingScorers.key(database, run)) : null);
    }
}
