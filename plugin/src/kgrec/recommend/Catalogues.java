package kgrec.recommend;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Relationship;
import org.neo4j.graphdb.Transaction;
import org.neo4j.graphdb.event.LabelEntry;
import org.neo4j.graphdb.event.PropertyEntry;
import org.neo4j.graphdb.event.TransactionData;
import org.neo4j.graphdb.event.TransactionEventListener;
import org.neo4j.kernel.internal.GraphDatabaseAPI;

/**
 * The catalogues in memory, one for each database and user, the last ones used. A commit that changes what a catalogue
 * holds drops those of its database, so that none is ever older than the graph.
 */
final class Catalogues {
    private static final int MOST = 4;
    private static final int POLL_MILLIS = 50;
    private static final Set<String> NODE_PROPERTIES = Set.of("tconst", "popularity", "peopleNorm", "ratingCount", "idf");
    private static final Set<String> TYPES = Set.of("LIKED_TOGETHER", "DIRECTED", "ACTED_IN", "WROTE");

    private record Key(String database, String user) {}

    private static final Map<Key, Catalogue> KEPT = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Catalogue> eldest) {
            return size() > MOST;
        }
    };
    private static final Map<String, Changes> CHANGES = new ConcurrentHashMap<>();

    private Catalogues() {}

    /**
     * The catalogue of a database for a user, read if there is none.
     *
     * @param check throws if the transaction has been terminated
     */
    static Catalogue get(GraphDatabaseService database, String user, Runnable check) {
        String id = ((GraphDatabaseAPI) database).databaseId().databaseId().uuid().toString();
        Key key = new Key(id, user);
        Catalogue found = kept(key);
        if (found != null) {
            return found;
        }
        Changes changes = CHANGES.computeIfAbsent(id, any -> Changes.watch(id, database));
        lock(changes.reading, check);
        try {
            found = kept(key);
            return found != null ? found : read(database, key, changes, check);
        } finally {
            changes.reading.unlock();
        }
    }

    private static Catalogue kept(Key key) {
        synchronized (KEPT) {
            return KEPT.get(key);
        }
    }

    /** Others wait while one reads, but not past their termination. */
    private static void lock(ReentrantLock lock, Runnable check) {
        try {
            while (!lock.tryLock(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                check.run();
            }
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", error);
        }
    }

    private static Catalogue read(GraphDatabaseService database, Key key, Changes changes, Runnable check) {
        long before = changes.count.get();
        Catalogue catalogue;
        // A transaction of its own: what the caller has not committed must not be kept for others.
        try (Transaction committed = database.beginTx()) {
            catalogue = new Catalogue(committed, check);
        }
        synchronized (KEPT) {
            // After a commit in between, a part may be older than the other: good for this call only.
            if (changes.count.get() == before) {
                KEPT.put(key, catalogue);
            }
        }
        return catalogue;
    }

    /** Drops a database's catalogues when a commit changes what they hold. */
    private static final class Changes implements TransactionEventListener<Boolean> {
        private final String database;
        private final AtomicLong count = new AtomicLong();
        private final ReentrantLock reading = new ReentrantLock();

        private Changes(String database) {
            this.database = database;
        }

        static Changes watch(String id, GraphDatabaseService database) {
            Changes changes = new Changes(id);
            ((GraphDatabaseAPI) database).getDependencyResolver().resolveDependency(DatabaseManagementService.class)
                .registerTransactionEventListener(database.databaseName(), changes);
            return changes;
        }

        @Override
        public Set<TransactionData.DataSelection> transactionDataSelection() {
            return Set.of(TransactionData.DataSelection.removedPropertKeys, TransactionData.DataSelection.deletedNodeLabels);
        }

        @Override
        public Boolean beforeCommit(TransactionData data, Transaction transaction, GraphDatabaseService ignored) {
            try {
                return concerns(data);
            } catch (RuntimeException unreadable) {
                // An exception here would roll back the user's commit; reading again is always right.
                return true;
            }
        }

        @Override
        public void afterCommit(TransactionData data, Boolean concerns, GraphDatabaseService ignored) {
            if (!Boolean.FALSE.equals(concerns)) {
                synchronized (KEPT) {
                    count.incrementAndGet();
                    KEPT.keySet().removeIf(key -> key.database.equals(database));
                }
            }
        }

        @Override
        public void afterRollback(TransactionData data, Boolean concerns, GraphDatabaseService ignored) {}

        private static boolean concerns(TransactionData data) {
            return data.deletedNodes().iterator().hasNext() || labels(data.assignedLabels()) || labels(data.removedLabels())
                || nodes(data.assignedNodeProperties()) || nodes(data.removedNodeProperties())
                || types(data.createdRelationships()) || types(data.deletedRelationships())
                || weights(data.assignedRelationshipProperties()) || weights(data.removedRelationshipProperties());
        }

        private static boolean labels(Iterable<LabelEntry> entries) {
            for (LabelEntry entry : entries) {
                if (entry.label().equals(Catalogue.MOVIE)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean nodes(Iterable<? extends PropertyEntry<?>> entries) {
            for (PropertyEntry<?> entry : entries) {
                if (NODE_PROPERTIES.contains(entry.key())) {
                    return true;
                }
            }
            return false;
        }

        private static boolean types(Iterable<Relationship> relationships) {
            for (Relationship relationship : relationships) {
                if (TYPES.contains(relationship.getType().name())) {
                    return true;
                }
            }
            return false;
        }

        private static boolean weights(Iterable<? extends PropertyEntry<?>> entries) {
            for (PropertyEntry<?> entry : entries) {
                if (entry.key().equals("weight")) {
                    return true;
                }
            }
            return false;
        }
    }
}
