package kgrec.recommend;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;

/** A request with all that it is answered from; scores can be asked for several histories. */
final class Question implements AutoCloseable {
    final Transaction tx;
    final Request request;
    final RankingRun run;
    final Catalogue catalogue;
    final RatedMovies rated;
    final Ratings ratings;
    final Runnable check;
    private final GraphDatabaseService database;
    private final Popularity popularity;
    private final int[] candidates;
    private Transaction committed;

    Question(GraphDatabaseService database, Transaction tx, String user, Somebody somebody, Request request,
            Runnable check) {
        this.database = database;
        this.tx = tx;
        this.request = request;
        this.check = check;
        run = RankingRun.of(tx, request.modelId(), database.databaseName());
        catalogue = Catalogues.get(database, user, check);
        rated = somebody.rated(catalogue, request.asOf());
        popularity = request.asOf() == null ? catalogue.popularity() : popularityThen();
        candidates = request.candidates() == null ? null : candidates();
        ratings = new Ratings(database, tx, somebody, request, run, check);
    }

    private Popularity popularityThen() {
        if (!(run.halfLife() > 0)) {
            throw new IllegalArgumentException("Model run `" + run.modelId() + "` has no `popularityHalfLife`, which `asOf` "
                + "needs. Train again with `kgrec-gds train`.");
        }
        return Popularity.before(tx, catalogue, request.asOf(), run.halfLife(), check);
    }

    private int[] candidates() {
        Set<Integer> found = new LinkedHashSet<>();
        for (Object item : request.candidates()) {
            Node movie = item instanceof Node node ? node : tx.findNode(Catalogue.MOVIE, "tconst", item);
            if (movie == null) {
                throw new IllegalArgumentException("There is no movie `" + item + "` in database `" + database.databaseName()
                    + "`, which `candidates` names.");
            }
            int index = catalogue.index(movie.getId());
            if (index < 0 && !movie.hasLabel(Catalogue.MOVIE)) {
                throw Request.notMovies(movie);
            }
            if (index >= 0) { // else it is not committed yet
                found.add(index);
            }
        }
        return found.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    /** Scores without some ratings; close them. */
    Scores scores(Set<Integer> leftOut) {
        check.run();
        RatedMovies left = leftOut.isEmpty() ? rated : rated.without(leftOut);
        return new Scores(run, catalogue, popularity, left, request.newPlaces() > 0, this::committed, check);
    }

    Selection selection(Scores scores) {
        return new Selection(catalogue, scores, candidates, request, check);
    }

    /** Rows that are kept for all callers are read in a transaction that sees only what is committed. */
    private Transaction committed() {
        if (committed == null) {
            committed = database.beginTx();
        }
        return committed;
    }

    Node node(int movie) {
        return tx.getNodeById(catalogue.nodeId(movie));
    }

    List<Node> nodes(List<Integer> movies) {
        return new ArrayList<>(movies.stream().map(this::node).toList());
    }

    String tconst(int movie) {
        return (String) node(movie).getProperty("tconst", null);
    }

    @Override
    public void close() {
        ratings.close();
        if (committed != null) {
            committed.close();
        }
    }
}
