package kgrec.recommend;

import static org.neo4j.procedure.Mode.READ;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import kgrec.model.ScoredRating;
import org.neo4j.gds.core.Username;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;
import org.neo4j.procedure.Context;
import org.neo4j.procedure.Description;
import org.neo4j.procedure.Name;
import org.neo4j.procedure.Procedure;
import org.neo4j.procedure.TerminationGuard;

/** The procedures kgrec.recommend, kgrec.recommend.forHistory and kgrec.explain. */
public final class RecommendProcedures {
    @Context
    public GraphDatabaseService database;

    @Context
    public Transaction tx;

    @Context
    public Username username;

    @Context
    public TerminationGuard guard;

    @Procedure(name = "kgrec.recommend", mode = READ)
    @Description("Recommends unrated movies to a user, best first, from the ratings that this transaction sees.")
    public Stream<Answers.Recommended> recommend(@Name("userId") String userId,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        Request request = Request.toRecommend(given);
        return recommend(Somebody.user(tx, userId, database.databaseName()), request);
    }

    @Procedure(name = "kgrec.recommend.forHistory", mode = READ)
    @Description("Recommends movies to someone who is not in the graph, from ratings [{tconst, rating}, …].")
    public Stream<Answers.Recommended> forHistory(@Name("history") List<Map<String, Object>> history,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        Request request = Request.toRecommend(given);
        return recommend(Somebody.history(tx, history, database.databaseName()), request);
    }

    private Stream<Answers.Recommended> recommend(Somebody somebody, Request request) {
        try (Question question = new Question(database, tx, username.username(), somebody, request, guard::check);
                Scores scores = question.scores(Set.of())) {
            List<Integer> list = question.selection(scores).list(new Similarity(tx, question.catalogue, question.run.vectors()));
            List<Node> movies = question.nodes(list);
            List<ScoredRating> ratings = question.ratings.of(movies, Set.of());
            List<Answers.Recommended> rows = new ArrayList<>();
            for (int i = 0; i < list.size(); i++) {
                guard.check();
                int movie = list.get(i);
                rows.add(new Answers.Recommended(movies.get(i), i + 1, scores.of(movie), ratings.get(i),
                    Reasons.of(tx, question.catalogue, scores, movie, request.reasons())));
            }
            return rows.stream();
        }
    }

    @Procedure(name = "kgrec.explain", mode = READ)
    @Description("Explains a movie's rank and predicted rating for a user: parts of the score, attention, and the ratings "
        + "without which it would not be recommended.")
    public Stream<Answers.Explained> explain(@Name("userId") String userId, @Name("movie") Object named,
            @Name(value = "configuration", defaultValue = "{}") Map<String, Object> given) {
        Request request = Request.toExplain(given);
        Somebody somebody = Somebody.user(tx, userId, database.databaseName());
        Node movie = movie(named);
        try (Question question = new Question(database, tx, username.username(), somebody, request, guard::check)) {
            int index = question.catalogue.index(movie.getId());
            if (index < 0) {
                throw new IllegalArgumentException("The movie is not committed yet. Explain it in a later transaction.");
            }
            if (question.rated.contains(index)) {
                throw new IllegalArgumentException("Movie `" + question.tconst(index) + "` is rated by " + somebody.named()
                    + ", and rated movies are not recommended. Give `asOf` a time before that rating to see what spoke for "
                    + "it then.");
            }
            return Stream.of(explained(question, index));
        }
    }

    private Answers.Explained explained(Question question, int movie) {
        try (Scores scores = question.scores(Set.of())) {
            ScoredRating rating = question.ratings.of(List.of(question.node(movie)), Set.of()).get(0);
            Selection selection = question.selection(scores);
            Long rank = selection.isCandidate(movie) ? selection.rank(movie, Set.of()) : null;
            List<Map<String, Object>> reasons = Reasons.of(tx, question.catalogue, scores, movie, question.request.reasons());
            List<Map<String, Object>> counterfactuals = new Counterfactuals(question, movie).find(scores, rank, rating);
            return new Answers.Explained(question.node(movie), rank, scores.of(movie), rating, reasons, counterfactuals);
        }
    }

    private Node movie(Object named) {
        Node found = switch (named) {
            case Node node when node.hasLabel(Catalogue.MOVIE) -> node;
            case String tconst -> tx.findNode(Catalogue.MOVIE, "tconst", tconst);
            case null, default -> throw new IllegalArgumentException("The value of `movie` must be a Movie node, or its tconst, "
                + "but was " + (named instanceof Node ? "a node without the label `Movie`" : "`" + named + "`") + ".");
        };
        if (found == null) {
            throw new IllegalArgumentException("There is no movie `" + named + "` in database `" + database.databaseName()
                + "`.");
        }
        return found;
    }
}
