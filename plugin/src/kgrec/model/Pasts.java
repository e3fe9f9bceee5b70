package kgrec.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;

/** What was known at each of a user's published ratings; see Python's `publish.py`. */
final class Pasts {
    private static final int BYTES = 24;

    /** Baseline estimate at the rating, the movie's deviation in it, and the number of the movie's earlier ratings. */
    record Past(double baseline, double deviation, double count) {}

    private record Key(long ratedAt, int movie) {}

    private final Map<Key, Past> pasts = new HashMap<>();

    /** @param bytes as on the user; null or of another form holds nothing */
    Pasts(byte[] bytes) {
        if (bytes == null || bytes.length % BYTES != 0) {
            return;
        }
        ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (values.hasRemaining()) {
            Key key = new Key(values.getLong(), values.getInt());
            Past past = new Past(values.getFloat(), values.getFloat(), values.getInt());
            if (Double.isFinite(past.baseline) && Double.isFinite(past.deviation) && past.count >= 0) {
                pasts.put(key, past);
            }
        }
    }

    /** The past of a rating, null if it was not published. */
    Past of(HistoryEntry entry) {
        if (pasts.isEmpty()) {
            return null;
        }
        CRC32 code = new CRC32();
        code.update(entry.tconst().getBytes(StandardCharsets.UTF_8));
        return pasts.get(new Key(entry.ratedAt(), (int) code.getValue()));
    }
}
