package kgrec.recommend;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kgrec.model.History;
import kgrec.model.HistoryEntry;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;

/** Whose history counts: a user of the graph, or someone described by their ratings. */
final class Somebody {
    private static final int MOST_RATINGS = 100_000;
    private static final Set<String> KEYS = Set.of("tconst", "rating", "ratedAt");

    private final String database;
    private final Node user;
    private final Map<Node, HistoryEntry> given;

    private Somebody(String database, Node user, Map<Node, HistoryEntry> given) {
        this.database = database;
        this.user = user;
        this.given = given;
    }

    /** @throws IllegalArgumentException if there is no such user */
    static Somebody user(Transaction tx, String userId, String database) {
        Node user = userId == null ? null : tx.findNode(Label.label("User"), "userId", userId);
        if (user == null) {
            throw new IllegalArgumentException("There is no user `" + userId + "` in database `" + database + "`. For someone "
                + "who is not in the graph, give their ratings to kgrec.recommend.forHistory.");
        }
        return new Somebody(database, user, null);
    }

    /**
     * Someone by their ratings; those without a time count as given now, one second after the other.
     *
     * @throws IllegalArgumentException if an entry is not {tconst, rating} of a movie of the graph
     */
    static Somebody history(Transaction tx, List<Map<String, Object>> history, String database) {
        if (history.size() > MOST_RATINGS) {
            throw new IllegalArgumentException("The history has " + history.size() + " ratings, but at most " + MOST_RATINGS
                + " are taken: nobody has seen more movies.");
        }
        long first = System.currentTimeMillis() / 1000 - history.size();
        Map<Node, HistoryEntry> entries = new LinkedHashMap<>();
        for (int i = 0; i < history.size(); i++) {
            Map<String, Object> row = history.get(i);
            HistoryEntry entry = entry(row, i, first + i);
            Node movie = tx.findNode(Catalogue.MOVIE, "tconst", entry.tconst());
            if (movie == null) {
                throw new IllegalArgumentException("There is no movie `" + entry.tconst() + "` in database `" + database
                    + "`. Leave it out of the history.");
            }
            if (entries.put(movie, entry) != null) {
                throw new IllegalArgumentException("The history has movie `" + entry.tconst() + "` twice. Give one rating for "
                    + "each movie.");
            }
        }
        return new Somebody(database, null, entries);
    }

    private static HistoryEntry entry(Map<String, Object> row, int i, long now) {
        Set<String> unknown = new HashSet<>(row == null ? Set.of() : row.keySet());
        unknown.removeAll(KEYS);
        boolean complete = row != null && row.get("tconst") instanceof String && row.get("rating") instanceof Number
            && (row.get("ratedAt") == null || row.get("ratedAt") instanceof Long) && unknown.isEmpty();
        double rating = complete ? ((Number) row.get("rating")).doubleValue() : 0;
        if (!complete || !(rating >= 1 && rating <= 10)) {
            throw new IllegalArgumentException("Entry " + i + " of the history was `" + row + "`, but must be like {tconst: "
                + "'tt0114709', rating: 9.0}, with a rating within the range [1, 10] and, if known, `ratedAt` in epoch "
                + "seconds.");
        }
        return new HistoryEntry((String) row.get("tconst"), rating, row.get("ratedAt") instanceof Long at ? at : now);
    }

    RatedMovies rated(Catalogue catalogue, Long asOf) {
        return user != null ? RatedMovies.of(user, catalogue, asOf) : RatedMovies.of(given, catalogue, asOf);
    }

    /** The ratings as the network reads them. */
    History history(Long asOf) {
        History history = user != null ? History.of(user) : History.of(new ArrayList<>(given.values()));
        return asOf == null ? history : history.before(asOf);
    }

    /** For messages, in the middle of a sentence. */
    String named() {
        return user != null ? "user `" + user.getProperty("userId", null) + "`" : "the history";
    }
}
