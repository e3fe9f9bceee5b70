package kgrec.model;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A row of the network's columns, filled by name; names that the network does not read are left out. */
final class Columns {
    private final Map<String, Integer> places = new HashMap<>();
    private final Set<String> seen = new HashSet<>();
    final float[] values;

    Columns(List<String> names) {
        for (String name : names) {
            places.put(name, places.size());
        }
        NamedArrays.require(places.size() == names.size(), "two columns have one name");
        values = new float[names.size()];
    }

    void put(String name, double value) {
        Integer place = places.get(name);
        if (place != null) {
            values[place] = (float) value;
            seen.add(name);
        }
    }

    /** Columns that nothing has filled. */
    List<String> missing() {
        return places.keySet().stream().filter(name -> !seen.contains(name)).sorted().toList();
    }

    float[] copy() {
        return Arrays.copyOf(values, values.length);
    }
}
