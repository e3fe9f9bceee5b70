package kgrec.model;

import static org.neo4j.procedure.Mode.READ;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kgrec.Configuration;
import kgrec.Memory;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;
import org.neo4j.procedure.Context;
import org.neo4j.procedure.Description;
import org.neo4j.procedure.Name;
import org.neo4j.procedure.Procedure;
import org.neo4j.procedure.TerminationGuard;

/** The procedure kgrec.predict. */
public final class PredictProcedure {
    private static final Label USER = Label.label("User");
    private static final int MOST_MOVIES = 1_000_000;
    private static final long BYTES_PER_MOVIE = 1500;

    @Context
    public GraphDatabaseService database;

    @Context
    public Transaction tx;

    @Context
    public TerminationGuard guard;

    /** The predicted rating of one movie. */
    public static final class Row {
        public final Node movie;
        public final double rating;
        public final List<String> attentionMovies;
        public final List<Double> attentionWeights;

        Row(Node movie, ScoredRating scored) {
            this.movie = movie;
            rating = scored.rating();
            attentionMovies = scored.attentionMovies();
            attentionWeights = scored.attentionWeights();
        }
    }

    @Procedure(name = "kgrec.predict", mode = READ)
    @Description("Predicts a user's ratings of movies from the ratings that this transaction sees, with the attention on them. "
        + "A movie that the user has rated is predicted as of just before that rating.")
    public Stream<Row> predict(@Name("userId") String userId, @Name("movies") List<Node> movies,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        Configuration configuration = new Configuration(given);
        String modelId = configuration.text("modelId", null);
        Object asOf = configuration.any("asOf");
        configuration.refuseUnknown();
        if (asOf != null && !(asOf instanceof Long)) {
            throw new IllegalArgumentException("The value of `asOf` was `" + asOf + "`, but must be a time in epoch seconds.");
        }
        if (movies == null || movies.size() > MOST_MOVIES) {
            throw new IllegalArgumentException("Expected a list of at most " + MOST_MOVIES + " movies, but it "
                + (movies == null ? "was null" : "had " + movies.size()) + ".");
        }
        Memory.refuseIfTooMuch(Memory.product(BYTES_PER_MOVIE, movies.size()), false, "Ask for fewer movies at once.");
        Node user = userId == null ? null : tx.findNode(USER, "userId", userId);
        if (user == null) {
            throw new IllegalArgumentException("There is no user `" + userId + "` in database `" + database.databaseName()
                + "`. A userId is a string, e.g. '1'.");
        }
        History history = History.of(user);
        try (RatingScorer scorer = RatingScorers.open(database, tx, modelId, guard::check)) {
            long now = asOf instanceof Long time ? time : scorer.now(history);
            return predicted(scorer, history, movies, now).stream();
        }
    }

    /** Rows in the order of the movies; a rated movie is asked for at its own time, so movies are grouped by time. */
    private List<Row> predicted(RatingScorer scorer, History history, List<Node> movies, long now) {
        Map<String, Long> ratedAt = new HashMap<>();
        history.before(now).entries().forEach(entry -> ratedAt.put(entry.tconst(), entry.ratedAt()));
        Map<Long, List<Integer>> places = new HashMap<>();
        for (int i = 0; i < movies.size(); i++) {
            Object tconst = movies.get(i) == null ? null : movies.get(i).getProperty("tconst", null);
            long at = ratedAt.getOrDefault(String.valueOf(tconst), now);
            places.computeIfAbsent(at, time -> new ArrayList<>()).add(i);
        }
        Row[] rows = new Row[movies.size()];
        places.forEach((at, chosen) -> {
            guard.check();
            List<Node> asked = chosen.stream().map(movies::get).toList();
            List<ScoredRating> found = at == now ? scorer.score(tx, history, asked, at)
                : scorer.score(tx, history, asked, at, at);
            IntStream.range(0, chosen.size())
                .forEach(i -> rows[chosen.get(i)] = new Row(movies.get(chosen.get(i)), found.get(i)));
        });
        return List.of(rows);
    }
}
