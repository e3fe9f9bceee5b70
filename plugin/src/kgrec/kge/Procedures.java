package kgrec.kge;

import static org.neo4j.procedure.Mode.READ;
import static org.neo4j.procedure.Mode.WRITE;

import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.neo4j.gds.core.JobId;
import org.neo4j.gds.core.Username;
import org.neo4j.gds.core.utils.progress.TaskRegistryFactory;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.logging.Log;
import org.neo4j.procedure.Context;
import org.neo4j.procedure.Description;
import org.neo4j.procedure.Name;
import org.neo4j.procedure.Procedure;
import org.neo4j.procedure.TerminationGuard;

/** The procedures kgrec.kge.*. */
public final class Procedures {
    private static final String TRAINS = "Trains TransE or DistMult vectors on the triples of a projected graph";

    @Context
    public GraphDatabaseService database;

    @Context
    public Log log;

    @Context
    public Username username;

    @Context
    public TerminationGuard guard;

    @Context
    public TaskRegistryFactory taskRegistryFactory;

    @Procedure(name = "kgrec.kge.write", mode = WRITE)
    @Description(TRAINS + " and writes them to its nodes and to a node for each relationship type.")
    public Stream<Results.Write> write(@Name("graphName") String graphName,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        TrainingConfiguration configuration = new TrainingConfiguration(given);
        String property = configuration.text("writeProperty", defaultProperty(given));
        String label = configuration.text("relationTypeLabel", "RelationType");
        String key = configuration.text("relationTypeProperty", "name");
        Call call = call(given);
        Training training = new Training(call, graphName, configuration).run();
        long start = System.nanoTime();
        long nodes = call.vectors().writeNodes(training.projection(), training.model.entities(), property);
        long types = call.vectors().writeTypes(training.names(), training.model.relations(), label, key, property);
        long millis = Training.millisSince(start);
        return Stream.of(new Results.Write(training, configuration, nodes, types, millis));
    }

    @Procedure(name = "kgrec.kge.stream", mode = READ)
    @Description(TRAINS + " and streams them: a row for each node, then a row for each relationship type.")
    public Stream<Results.Vector> stream(@Name("graphName") String graphName,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        Training training = new Training(call(given), graphName, new TrainingConfiguration(given)).run();
        float[][] entities = training.model.entities();
        Stream<Results.Vector> nodes = IntStream.range(0, entities.length).filter(i -> entities[i] != null)
            .mapToObj(i -> new Results.Vector(training.projection().nodeId(i), null, entities[i]));
        Stream<Results.Vector> types = IntStream.range(0, training.names().size())
            .mapToObj(i -> new Results.Vector(null, training.names().get(i), training.model.relations()[i]));
        return Stream.concat(nodes, types);
    }

    @Procedure(name = "kgrec.kge.stats", mode = READ)
    @Description(TRAINS + " and returns statistics of the training only.")
    public Stream<Results.Stats> stats(@Name("graphName") String graphName,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        TrainingConfiguration configuration = new TrainingConfiguration(given);
        return Stream.of(new Results.Stats(new Training(call(given), graphName, configuration).run(), configuration));
    }

    @Procedure(name = "kgrec.kge.estimate", mode = READ)
    @Description("Estimates the memory that training TransE or DistMult vectors needs.")
    public Stream<Results.Estimate> estimate(@Name("graphName") String graphName,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        TrainingConfiguration configuration = new TrainingConfiguration(given);
        configuration.text("writeProperty", defaultProperty(given));
        configuration.text("relationTypeLabel", "RelationType");
        configuration.text("relationTypeProperty", "name");
        return Stream.of(Results.Estimate.of(call(given).caller(), graphName, configuration));
    }

    @Procedure(name = "kgrec.kge.evaluate", mode = READ)
    @Description("Ranks the triples of a test graph by the vectors on the nodes (filtered) and returns the metrics.")
    public Stream<Results.Evaluated> evaluate(@Name("graphName") String graphName,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        TrainingConfiguration configuration = new TrainingConfiguration(given);
        return Stream.of(new Results.Evaluated(new Evaluation(call(given), graphName, configuration), configuration));
    }

    @Procedure(name = "kgrec.kge.ranks", mode = READ)
    @Description("Ranks the triples of a test graph by the vectors on the nodes (filtered) and streams the ranks of head and "
        + "tail.")
    public Stream<Results.Rank> ranks(@Name("graphName") String graphName,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        Evaluation evaluation = new Evaluation(call(given), graphName, new TrainingConfiguration(given));
        return IntStream.range(0, evaluation.test.size()).mapToObj(i -> new Results.Rank(evaluation, i));
    }

    private static String defaultProperty(Map<String, Object> given) {
        return "distmult".equalsIgnoreCase(String.valueOf(given.get("scoringFunction"))) ? "distMult" : "transE";
    }

    private Call call(Map<String, Object> given) {
        Log lines = Boolean.FALSE.equals(given.get("logProgress")) ? null : log;
        Caller caller = new Caller(username.username(), database.databaseName());
        JobId job = given.get("jobId") instanceof String named ? new JobId(named) : new JobId();
        return new Call(caller, job, guard::check, new Vectors(database, guard::check),
            (name, volume) -> new Progress(taskRegistryFactory, job, lines, name, volume));
    }
}
