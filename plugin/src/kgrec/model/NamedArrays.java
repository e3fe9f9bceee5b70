package kgrec.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Named arrays in the bytes that Python's `named_arrays.py` writes. Every size is checked against the bytes that are there
 * before anything is allocated.
 */
final class NamedArrays {
    private static final byte[] MAGIC = "KGRECNET".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int[] WIDTHS = {1, 2, 4, 8, 4, 8};
    private static final String[] TYPES = {"bytes", "shorts", "ints", "longs", "floats", "doubles"};

    private record Place(int type, long[] shape, int begin, int length) {}

    private final ByteBuffer content;
    private final Map<String, Place> places = new LinkedHashMap<>();

    /** @throws IllegalArgumentException if the bytes are not of this form */
    NamedArrays(byte[] bytes) {
        content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[MAGIC.length];
        require(bytes.length >= MAGIC.length + 8, "they end in the header");
        content.get(magic);
        require(java.util.Arrays.equals(magic, MAGIC), "they do not begin with KGRECNET");
        int version = content.getInt();
        require(version == VERSION, "their version is " + version + ", expected " + VERSION);
        int count = content.getInt();
        require(count >= 0 && count <= 1000, "they claim " + count + " arrays");
        for (int i = 0; i < count; i++) {
            place();
        }
        require(content.remaining() == 0, content.remaining() + " bytes follow the last array");
    }

    private void place() {
        require(content.remaining() >= 4, "they end in an array's head");
        int nameLength = content.getShort();
        require(nameLength > 0 && nameLength <= content.remaining() - 2, "they end in an array's name");
        byte[] name = new byte[nameLength];
        content.get(name);
        int type = content.get();
        int dimensions = content.get();
        require(type >= 0 && type < WIDTHS.length, "an array has the unknown type " + type);
        require(dimensions >= 0 && dimensions <= 4 && content.remaining() >= 8 * dimensions, "an array has " + dimensions
            + " dimensions");
        long[] shape = new long[dimensions];
        long length = 1;
        for (int i = 0; i < dimensions; i++) {
            shape[i] = content.getLong();
            require(shape[i] >= 0 && shape[i] <= Integer.MAX_VALUE, "an array has the length " + shape[i]);
            length = shape[i] == 0 ? 0 : length * shape[i];
            require(length <= Integer.MAX_VALUE, "an array is too long");
        }
        require(length * WIDTHS[type] <= content.remaining(), "they end in an array");
        places.put(new String(name, StandardCharsets.UTF_8), new Place(type, shape, content.position(), (int) length));
        content.position(content.position() + (int) length * WIDTHS[type]);
    }

    Set<String> names() {
        return places.keySet();
    }

    boolean has(String name) {
        return places.containsKey(name);
    }

    byte[] bytes(String name) {
        Place place = place(name, 0);
        byte[] values = new byte[place.length];
        content.get(place.begin, values);
        return values;
    }

    short[] shorts(String name) {
        Place place = place(name, 1);
        short[] values = new short[place.length];
        at(place).asShortBuffer().get(values);
        return values;
    }

    int[] ints(String name) {
        Place place = place(name, 2);
        int[] values = new int[place.length];
        at(place).asIntBuffer().get(values);
        return values;
    }

    long[] longs(String name) {
        Place place = place(name, 3);
        long[] values = new long[place.length];
        at(place).asLongBuffer().get(values);
        return values;
    }

    float[] floats(String name) {
        Place place = place(name, 4);
        float[] values = new float[place.length];
        at(place).asFloatBuffer().get(values);
        return values;
    }

    double[] doubles(String name) {
        Place place = place(name, 5);
        double[] values = new double[place.length];
        at(place).asDoubleBuffer().get(values);
        return values;
    }

    /** As `doubles`, of the given length. */
    double[] doubles(String name, int length) {
        double[] values = doubles(name);
        require(values.length == length, "array `" + name + "` has " + values.length + " values, expected " + length);
        return values;
    }

    int number(String name) {
        int[] values = ints(name);
        require(values.length == 1, "`" + name + "` is no single number");
        return values[0];
    }

    /** Lines of text. */
    String[] texts(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8).split("\n", -1);
    }

    /** Columns of a two-dimensional array. */
    int width(String name) {
        Place place = places.get(name);
        require(place != null && place.shape.length == 2, "array `" + name + "` is no table");
        return (int) place.shape[1];
    }

    private ByteBuffer at(Place place) {
        return content.slice(place.begin, place.length * WIDTHS[place.type]).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Place place(String name, int type) {
        Place place = places.get(name);
        require(place != null, "array `" + name + "` is missing");
        require(place.type == type, "array `" + name + "` holds " + TYPES[place.type] + ", expected " + TYPES[type]);
        return place;
    }

    static void require(boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException("Malformed network: " + problem + ".");
        }
    }
}
