package kgrec.model;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The networks in memory, by database, model run and digest. Whoever asks has read the model run in their own transaction, so
 * the cache shows nobody what they may not see.
 */
final class NetworkCache {
    /** How many stay in memory; beyond, the one used longest ago goes. */
    static final int MOST = 4;

    record Key(String database, String modelId, String digest) {}

    private static final NetworkCache SHARED = new NetworkCache();
    private final Map<Key, LoadedNetwork> loaded = new LinkedHashMap<>(16, 0.75f, true);
    private final Object loading = new Object();

    static NetworkCache shared() {
        return SHARED;
    }

    /** The network, held for the caller, who releases it; loaded if it is not there. Replaces other digests of the run. */
    LoadedNetwork hold(Key key, Supplier<LoadedNetwork> load) {
        LoadedNetwork found = held(key);
        if (found != null) {
            return found;
        }
        synchronized (loading) { // one at a time: loading takes memory
            found = held(key);
            if (found != null) {
                return found;
            }
            LoadedNetwork fresh = load.get();
            fresh.hold();
            put(key, fresh);
            return fresh;
        }
    }

    /** Loads a network anew; until it is there, the one before answers. */
    void replace(Key key, Supplier<LoadedNetwork> load) {
        synchronized (loading) {
            put(key, load.get());
        }
    }

    private synchronized LoadedNetwork held(Key key) {
        LoadedNetwork found = loaded.get(key);
        return found != null && found.hold() ? found : null;
    }

    private synchronized void put(Key key, LoadedNetwork fresh) {
        drop(key.database, key.modelId);
        loaded.put(key, fresh);
        Iterator<LoadedNetwork> oldest = loaded.values().iterator();
        while (loaded.size() > MOST) {
            oldest.next().retire();
            oldest.remove();
        }
    }

    /** Removes the networks of a run, or of all runs of the database if `modelId` is null, and returns their keys. */
    synchronized List<Key> drop(String database, String modelId) {
        List<Key> dropped = new ArrayList<>();
        loaded.entrySet().removeIf(entry -> {
            Key key = entry.getKey();
            boolean chosen = key.database.equals(database) && (modelId == null || key.modelId.equals(modelId));
            if (chosen) {
                entry.getValue().retire();
                dropped.add(key);
            }
            return chosen;
        });
        return dropped;
    }

    /** The time before which the statistics in memory are; null if the network is not there. */
    synchronized Long knownUntil(Key key) {
        LoadedNetwork found = loaded.get(key);
        return found == null ? null : Long.valueOf(found.state.knownUntil);
    }
}
