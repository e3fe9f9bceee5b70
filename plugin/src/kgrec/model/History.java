package kgrec.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.neo4j.graphdb.Direction;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Relationship;
import org.neo4j.graphdb.RelationshipType;

/**
 * What somebody has rated, in order of time, then tconst, as the models read it.
 *
 * @param entries the ratings
 * @param userId id of the user; empty for someone who is no node
 * @param pasts what was known at the time of the ratings, as `publish` wrote it on the user; null where there is nothing
 */
public record History(List<HistoryEntry> entries, String userId, byte[] pasts) {
    private static final RelationshipType RATED = RelationshipType.withName("RATED");
    private static final Comparator<HistoryEntry> IN_ORDER =
        Comparator.comparingLong(HistoryEntry::ratedAt).thenComparing(HistoryEntry::tconst);

    public History {
        entries = entries.stream().sorted(IN_ORDER).toList();
    }

    /** The ratings of a user node, as the caller's transaction sees them; ratings without a time or a tconst are left out. */
    public static History of(Node user) {
        List<HistoryEntry> entries = new ArrayList<>();
        for (Relationship rated : user.getRelationships(Direction.OUTGOING, RATED)) {
            if (rated.getProperty("rating", null) instanceof Number rating && Double.isFinite(rating.doubleValue())
                && rated.getProperty("ratedAt", null) instanceof Number at
                && rated.getEndNode().getProperty("tconst", null) instanceof String tconst) {
                entries.add(new HistoryEntry(tconst, rating.doubleValue(), at.longValue()));
            }
        }
        byte[] pasts = user.getProperty("ratingPasts", null) instanceof byte[] bytes ? bytes : null;
        return new History(entries, String.valueOf(user.getProperty("userId", "")), pasts);
    }

    /** The ratings of someone who is no node. */
    public static History of(Collection<HistoryEntry> entries) {
        return new History(List.copyOf(entries), "", null);
    }

    /** The same history without its ratings of some movies. */
    public History without(Set<String> tconsts) {
        return new History(entries.stream().filter(entry -> !tconsts.contains(entry.tconst())).toList(), userId, pasts);
    }

    /** The ratings strictly before a time. */
    public History before(long at) {
        return new History(entries.stream().filter(entry -> entry.ratedAt() < at).toList(), userId, pasts);
    }
}
