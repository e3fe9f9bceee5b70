package kgrec.model;

import java.util.HashMap;
import java.util.Map;

/** Residuals by one relation's entities: everybody's, and the user's own; see Python's `entities.py`. */
final class Entities {
    private static final double EVERYBODY_SHRINKAGE = 10.0;
    private static final double USER_SHRINKAGE = 3.0;
    private static final double GENRE_SHRINKAGE = 5.0;
    private static final double[] NOTHING = {0, 0};

    private final MovieState state;
    private final MovieState.Relation relation;
    private final Events events;
    /** Number and sum of residuals by entity: of all the user's ratings, and of those that the state does not know. */
    private final Map<Integer, double[]> user = new HashMap<>();
    private final Map<Integer, double[]> newer = new HashMap<>();
    private final double userMean;

    Entities(MovieState state, MovieState.Relation relation, Events events) {
        this.state = state;
        this.relation = relation;
        this.events = events;
        double total = 0;
        for (int i = 0; i < events.size; i++) {
            total += events.residual[i];
            add(user, i);
            if (events.at[i] >= state.knownUntil) {
                add(newer, i);
            }
        }
        userMean = total / (events.size + GENRE_SHRINKAGE);
    }

    private void add(Map<Integer, double[]> tallies, int event) {
        int row = events.row[event];
        for (int link = relation.begin()[row]; link < relation.begin()[row + 1]; link++) {
            double[] tally = tallies.computeIfAbsent(relation.entity()[link], entity -> new double[2]);
            tally[0]++;
            tally[1] += events.residual[event];
        }
    }

    void columns(Columns columns, int row) {
        int begin = relation.begin()[row];
        int end = relation.begin()[row + 1];
        double ownCount = state.count[row];
        double ownTotal = state.residual[row];
        for (int i = 0; i < events.size; i++) {
            if (events.row[i] == row && events.at[i] >= state.knownUntil) {
                ownCount++;
                ownTotal += events.residual[i];
            }
        }
        double means = 0;
        double counts = 0;
        double genres = 0;
        double pooledCount = 0;
        double pooledTotal = 0;
        for (int link = begin; link < end; link++) {
            int entity = relation.entity()[link];
            double[] added = newer.getOrDefault(entity, NOTHING);
            double count = relation.count()[entity] + added[0] - ownCount;
            means += (relation.residual()[entity] + added[1] - ownTotal) / (count + EVERYBODY_SHRINKAGE);
            counts += count;
            double[] own = user.getOrDefault(entity, NOTHING);
            pooledCount += own[0];
            pooledTotal += own[1];
            genres += (own[1] + GENRE_SHRINKAGE * userMean) / (own[0] + GENRE_SHRINKAGE);
        }
        int links = Math.max(end - begin, 1);
        columns.put("graph_" + relation.name() + "_residual", means / links);
        columns.put("graph_" + relation.name() + "_count", Math.log1p(counts));
        columns.put("graph_user_" + relation.name() + "_residual", pooledTotal / (pooledCount + USER_SHRINKAGE));
        if (relation.name().equals("genre")) {
            columns.put("user_genre_mean", begin == end ? userMean : genres / links);
        }
    }
}
