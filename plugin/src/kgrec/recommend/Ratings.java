package kgrec.recommend;

import java.util.List;
import java.util.Set;
import kgrec.model.History;
import kgrec.model.RatingScorer;
import kgrec.model.RatingScorers;
import kgrec.model.ScoredRating;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;

/** Predicted ratings by the network of a model run; none where the run has no network in the graph. */
final class Ratings implements AutoCloseable {
    private static final ScoredRating NONE = new ScoredRating(Double.NaN, null, null);

    private final Transaction tx;
    private final RatingScorer scorer;
    private final History history;
    private final Long asOf;

    Ratings(GraphDatabaseService database, Transaction tx, Somebody somebody, Request request, RankingRun run,
            Runnable check) {
        this.tx = tx;
        asOf = request.asOf();
        scorer = request.ratings() && run.hasNetwork() ? RatingScorers.open(database, tx, run.modelId(), check) : null;
        history = scorer == null ? null : somebody.history(asOf);
    }

    boolean predicts() {
        return scorer != null;
    }

    /** @param leftOut tconst of ratings that do not count */
    List<ScoredRating> of(List<Node> movies, Set<String> leftOut) {
        if (scorer == null || movies.isEmpty()) {
            return movies.stream().map(movie -> NONE).toList();
        }
        History known = leftOut.isEmpty() ? history : history.without(leftOut);
        return scorer.score(tx, known, movies, asOf == null ? scorer.now(known) : asOf);
    }

    static Double value(ScoredRating rating) {
        return Double.isNaN(rating.rating()) ? null : rating.rating();
    }

    @Override
    public void close() {
        if (scorer != null) {
            scorer.close();
        }
    }
}
