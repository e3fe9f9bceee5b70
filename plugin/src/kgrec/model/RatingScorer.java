package kgrec.model;

import java.util.List;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;

/** A trained network, ready to predict ratings. Get one by `RatingScorers.open`, and close it: it is shared and counted. */
public interface RatingScorer extends AutoCloseable {
    /** Id of its model run. */
    String modelId();

    /** The time for which is predicted if none is named: just after the published ratings and after the history. */
    long now(History history);

    /**
     * Predicted ratings of movies, in their order.
     *
     * @param history only what stands strictly before `at` is read
     * @param at epoch seconds; the rating is assumed a day later, as in Python
     */
    default List<ScoredRating> score(Transaction tx, History history, List<Node> movies, long at) {
        return score(tx, history, movies, at, at + 86_400);
    }

    /**
     * As above, for another time of the rating.
     *
     * @param ratedAt epoch seconds, not before `at`
     */
    List<ScoredRating> score(Transaction tx, History history, List<Node> movies, long at, long ratedAt);

    @Override
    void close();
}
