package kgrec.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** What was known at each of a user's published ratings; see Python's `publish.py`. */
final class Pasts {
    static final int BYTES = 32;

    /** Baseline estimate at the rating, the movie's deviation in it, and the number of the movie's earlier ratings. */
    record Past(double baseline, double deviation, double count) {}

    private record Key(long ratedAt, int movie) {}

    private final Map<Key, Past> pasts = new HashMap<>();

    /** @param written as on the user, and others; null or bytes of another form hold nothing */
    Pasts(byte[]... written) {
        for (byte[] bytes : written) {
            if (bytes != null && bytes.length % BYTES == 0) {
                add(bytes);
            }
        }
    }

    private void add(byte[] bytes) {
        ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (values.hasRemaining()) {
            Key key = new Key(values.getLong(), values.getInt());
            pasts.put(key, read(values));
        }
    }

    /** The past of a rating, null if it was not published. */
    Past of(HistoryEntry entry) {
        if (pasts.isEmpty()) {
            return null;
        }
        return pasts.get(new Key(entry.ratedAt(), MovieTally.code(entry.tconst())));
    }

    /** One rating's past among a user's bytes, null if it was not published. */
    static Past find(byte[] bytes, long ratedAt, int movie) {
        ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int begin = 0; begin + BYTES <= bytes.length; begin += BYTES) {
            if (values.getLong(begin) == ratedAt && values.getInt(begin + 8) == movie) {
                return read(values.position(begin + 12));
            }
        }
        return null;
    }

    static void write(ByteBuffer bytes, HistoryEntry entry, double baseline, double deviation, double count) {
        bytes.putLong(entry.ratedAt()).putInt(MovieTally.code(entry.tconst()));
        bytes.putInt((int) count).putDouble(baseline).putDouble(deviation);
    }

    private static Past read(ByteBuffer values) {
        int count = values.getInt();
        Past past = new Past(values.getDouble(), values.getDouble(), count);
        return Double.isFinite(past.baseline) && Double.isFinite(past.deviation) && past.count >= 0 ? past : null;
    }
}
