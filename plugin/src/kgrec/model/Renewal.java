package kgrec.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;

/**
 * Brings the published statistics of the movies up to date in memory, with the ratings that were committed since, in their
 * order. The baseline estimate stays as fitted when the network was published; user and movie deviations take in each rating.
 */
final class Renewal {
    private static final Label USER = Label.label("User");

    /** A user with ratings that the state does not know: the running sum and number of deviations. */
    private static final class User {
        final String id;
        double total;
        int count;

        User(String id, Events before) {
            this.id = id;
            total = before.total;
            count = before.size;
        }

        double deviation() {
            return total / (count + Events.USER_SHRINKAGE);
        }
    }

    private record Rating(User user, HistoryEntry entry, int row) {}

    /** What was known at a rating. */
    private record Known(Rating rating, double baseline, double deviation, double count, double userDeviation) {}

    private final MovieState state;
    private final Map<String, List<Known>> known = new HashMap<>();

    private Renewal(MovieState state) {
        this.state = state;
    }

    /** The state with all committed ratings; ratings of the caller's own transaction, which others may never see, are not read. */
    static MovieState renewed(MovieState published, GraphDatabaseService database, Runnable check) {
        Renewal renewal = new Renewal(published.copy());
        List<Rating> newer = new ArrayList<>();
        try (Transaction tx = database.beginTx(); var users = tx.findNodes(USER)) {
            while (users.hasNext()) {
                check.run();
                renewal.collect(users.next(), newer);
            }
        }
        newer.sort(Comparator.comparingLong((Rating rating) -> rating.entry.ratedAt())
            .thenComparing(rating -> rating.user.id).thenComparing(rating -> rating.entry.tconst()));
        for (int low = 0, high; low < newer.size(); low = high) {
            check.run();
            for (high = low; high < newer.size() && newer.get(high).entry.ratedAt() == newer.get(low).entry.ratedAt();) {
                high++;
            }
            renewal.take(newer.subList(low, high));
        }
        return renewal.finished(newer);
    }

    private void collect(Node node, List<Rating> newer) {
        History history = History.of(node);
        List<HistoryEntry> entries = history.entries();
        if (entries.isEmpty() || entries.get(entries.size() - 1).ratedAt() < state.knownUntil
            || !(node.getProperty("userId", null) instanceof String id)) {
            return;
        }
        User user = new User(id, new Events(state, history, state.knownUntil));
        for (HistoryEntry entry : entries.subList(user.count, entries.size())) {
            newer.add(new Rating(user, entry, state.row(entry.tconst())));
        }
    }

    /** Takes in ratings of one time, which do not see each other. */
    private void take(List<Rating> tied) {
        List<Known> before = new ArrayList<>();
        for (Rating rating : tied) {
            double user = rating.user.deviation();
            double movie = state.deviation[rating.row];
            before.add(new Known(rating, state.mean + user + movie, movie, state.count[rating.row], user));
        }
        for (Known each : before) {
            Rating rating = each.rating;
            User user = rating.user;
            known.computeIfAbsent(user.id, id -> new ArrayList<>()).add(each);
            user.total += Events.exact(rating.entry.rating() - state.mean - state.fittedDeviation[rating.row]);
            user.count++;
            if (rating.row > 0) {
                state.take(rating.row, rating.entry.ratedAt(), state.residual(rating.entry.rating(), each.baseline),
                    Events.exact(rating.entry.rating() - state.mean - each.userDeviation));
            }
        }
    }

    private MovieState finished(List<Rating> newer) {
        known.forEach((user, ratings) -> {
            ByteBuffer bytes = ByteBuffer.allocate(ratings.size() * Pasts.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (Known each : ratings) {
                HistoryEntry entry = each.rating.entry;
                Pasts.write(bytes, entry, each.baseline, each.deviation, each.count);
            }
            state.newerPasts.put(user, bytes.array());
        });
        if (!newer.isEmpty()) {
            state.knownUntil = newer.get(newer.size() - 1).entry.ratedAt() + 1;
        }
        return state;
    }
}
