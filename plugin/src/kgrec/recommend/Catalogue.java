package kgrec.recommend;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import kgrec.Memory;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.ResourceIterator;
import org.neo4j.graphdb.Transaction;

/**
 * The movies of a database as ranking reads them, with what has been committed: arrays by movie index, and rows of
 * relationships that are read when they are first needed. A commit that changes any of it replaces the catalogue; see
 * {@link Catalogues}.
 */
final class Catalogue {
    static final Label MOVIE = Label.label("Movie");
    /** Id, popularity, peopleNorm, ratingCount and tie of a movie, and its places in two tables of rows. */
    private static final int MOVIE_BYTES = 8 + 8 + 8 + 4 + 4 + 2 * 4;
    private static final int CHECK_EVERY = 10_000;

    private long[] nodeIds;
    private double[] popularity;
    private double[] peopleNorm;
    private int[] ratingCount;
    private int[] tie;
    private int size;
    private final Popularity now;
    private volatile Rows rows;
    private final long rowBudget;
    private final ConcurrentLinkedQueue<Scratch> idle = new ConcurrentLinkedQueue<>();

    /**
     * Reads the movies.
     *
     * @param check throws if the transaction has been terminated
     */
    Catalogue(Transaction committed, Runnable check) {
        resize(1024);
        try (ResourceIterator<Node> movies = committed.findNodes(MOVIE)) {
            while (movies.hasNext()) {
                if (size % CHECK_EVERY == 0) {
                    check.run();
                }
                add(movies.next());
            }
        }
        resize(size);
        sort();
        now = new Popularity(popularity, ratingCount);
        rowBudget = Runtime.getRuntime().maxMemory() / 16;
        rows = new Rows(this);
    }

    private void resize(int capacity) {
        Memory.refuseIfTooMuch(Memory.product(capacity, MOVIE_BYTES), false, "Give the server more heap.");
        nodeIds = nodeIds == null ? new long[capacity] : Arrays.copyOf(nodeIds, capacity);
        popularity = popularity == null ? new double[capacity] : Arrays.copyOf(popularity, capacity);
        peopleNorm = peopleNorm == null ? new double[capacity] : Arrays.copyOf(peopleNorm, capacity);
        ratingCount = ratingCount == null ? new int[capacity] : Arrays.copyOf(ratingCount, capacity);
        tie = tie == null ? new int[capacity] : Arrays.copyOf(tie, capacity);
    }

    private void add(Node movie) {
        if (!(movie.getProperty("tconst", null) instanceof String tconst)) {
            return;
        }
        if (size == nodeIds.length) {
            resize(Math.multiplyExact(size, 2));
        }
        nodeIds[size] = movie.getId();
        popularity[size] = number(movie, "popularity");
        peopleNorm[size] = number(movie, "peopleNorm");
        ratingCount[size] = (int) number(movie, "ratingCount");
        CRC32 crc = new CRC32();
        crc.update(tconst.getBytes(StandardCharsets.UTF_8));
        tie[size++] = (int) crc.getValue();
    }

    private static double number(Node node, String property) {
        return node.getProperty(property, null) instanceof Number number ? number.doubleValue() : 0;
    }

    /** A label scan is nearly always in the order of ids already. */
    private void sort() {
        for (int i = 1; i < size; i++) {
            if (nodeIds[i] < nodeIds[i - 1]) {
                long[] ids = nodeIds;
                Iterator<Integer> order = IntStream.range(0, size).boxed().sorted(Comparator.comparingLong(j -> ids[j]))
                    .iterator();
                int[] places = new int[size];
                for (int place = 0; order.hasNext(); place++) {
                    places[place] = order.next();
                }
                nodeIds = IntStream.of(places).mapToLong(j -> ids[j]).toArray();
                double[] popular = popularity;
                popularity = IntStream.of(places).mapToDouble(j -> popular[j]).toArray();
                double[] norms = peopleNorm;
                peopleNorm = IntStream.of(places).mapToDouble(j -> norms[j]).toArray();
                int[] counts = ratingCount;
                ratingCount = IntStream.of(places).map(j -> counts[j]).toArray();
                int[] ties = tie;
                tie = IntStream.of(places).map(j -> ties[j]).toArray();
                return;
            }
        }
    }

    int size() {
        return size;
    }

    /** Index of a movie by its node id, negative if it is not in the catalogue. */
    int index(long nodeId) {
        return Arrays.binarySearch(nodeIds, nodeId);
    }

    long nodeId(int movie) {
        return nodeIds[movie];
    }

    double peopleNorm(int movie) {
        return peopleNorm[movie];
    }

    /** Popularity and rating counts as `train` wrote them. */
    Popularity popularity() {
        return now;
    }

    /** Order of two movies with the same score. */
    int compareTies(int movie, int other) {
        int order = Integer.compareUnsigned(tie[movie], tie[other]);
        return order == 0 ? Integer.compare(movie, other) : order;
    }

    /** Rows of relationships; begun anew when they have outgrown their share of the heap. */
    Rows rows() {
        Rows current = rows;
        if (current.bytes() > rowBudget) {
            current = new Rows(this);
            rows = current;
        }
        return current;
    }

    /** A workspace with nothing in it; give it back by {@link #release}. */
    Scratch scratch() {
        Scratch found = idle.poll();
        if (found == null) {
            Memory.refuseIfTooMuch(Memory.product(size, Scratch.MOVIE_BYTES), false, "Give the server more heap.");
            found = new Scratch(size);
        }
        return found;
    }

    void release(Scratch scratch) {
        scratch.clear();
        if (idle.size() < Runtime.getRuntime().availableProcessors()) {
            idle.add(scratch);
        }
    }
}
