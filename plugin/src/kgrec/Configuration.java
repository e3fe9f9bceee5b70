package kgrec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.neo4j.gds.core.StringSimilarity;

/** A procedure's configuration map, read key by key with GDS's messages; keys that are not read are refused. */
public class Configuration {
    private final Map<String, Object> given;
    /** Every key read so far with its effective value: the result's `configuration`. */
    private final Map<String, Object> effective = new LinkedHashMap<>();

    public Configuration(Map<String, Object> given) {
        this.given = given;
    }

    public Map<String, Object> effective() {
        return effective;
    }

    /** Refuses keys that the procedure has not read. */
    public void refuseUnknown() {
        Set<String> unknown = new TreeSet<>(given.keySet());
        unknown.removeAll(effective.keySet());
        if (!unknown.isEmpty()) {
            List<String> messages = new ArrayList<>();
            for (String key : unknown) {
                List<String> close = StringSimilarity.similarStringsIgnoreCase(key, effective.keySet());
                messages.add(close.isEmpty() ? key : key + " (Did you mean `" + close.get(0) + "`?)");
            }
            String keys = String.join(", ", messages);
            throw new IllegalArgumentException("Unexpected configuration key" + (unknown.size() > 1 ? "s: " : ": ") + keys);
        }
    }

    private <T> T value(String key, Class<T> type, T fallback) {
        Object value = given.get(key);
        T result = fallback;
        if (value != null) {
            if (!type.isInstance(value)) {
                throw new IllegalArgumentException("The value of `" + key + "` must be of type `" + cypherName(type)
                    + "` but was `" + cypherName(value.getClass()) + "`.");
            }
            result = type.cast(value);
        }
        effective.put(key, result);
        return result;
    }

    private static String cypherName(Class<?> type) {
        if (type == Long.class) {
            return "Integer";
        }
        if (type == Double.class) {
            return "Float";
        }
        return List.class.isAssignableFrom(type) ? "List" : Map.class.isAssignableFrom(type) ? "Map" : type.getSimpleName();
    }

    public String text(String key, String fallback) {
        return value(key, String.class, fallback);
    }

    public String mandatory(String key) {
        if (given.get(key) == null) {
            throw new IllegalArgumentException("No value specified for the mandatory configuration parameter `" + key + "`");
        }
        return text(key, null);
    }

    /** One of `choices`, ignoring case. */
    public String choice(String key, String fallback, String... choices) {
        String text = text(key, fallback);
        for (String choice : choices) {
            if (choice.toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT))) {
                effective.put(key, choice);
                return choice;
            }
        }
        throw new IllegalArgumentException("Value for `" + key + "` was `" + text + "`, but must be one of "
            + Arrays.toString(choices) + ".");
    }

    public boolean flag(String key, boolean fallback) {
        return value(key, Boolean.class, fallback);
    }

    /** @param reason why there is an upper limit; a clause without a full stop */
    public int integer(String key, int fallback, int least, int most, String reason) {
        long number = value(key, Long.class, (long) fallback);
        if (number < least || number > most) {
            throw outside(key, number, "[" + least + ", " + most + "]", number > most ? reason : null);
        }
        return (int) number;
    }

    /** The seed, or null if not configured. */
    public Long seed(String key) {
        return value(key, Long.class, null);
    }

    /** @param reason why there is an upper limit; a clause without a full stop */
    public double number(String key, double fallback, double least, double most, boolean openBelow, String reason) {
        Object value = given.get(key);
        double number = value instanceof Long whole ? whole : value(key, Double.class, fallback);
        effective.put(key, number);
        boolean inside = (openBelow ? number > least : number >= least) && number <= most;
        if (!inside) {
            throw outside(key, number, (openBelow ? "(" : "[") + least + ", " + most + "]", number > most ? reason : null);
        }
        return number;
    }

    public List<String> texts(String key, List<String> fallback) {
        Object value = given.get(key);
        List<String> result = new ArrayList<>();
        if (value instanceof String single) {
            result.add(single);
        } else {
            for (Object item : value(key, List.class, fallback)) {
                if (!(item instanceof String text)) {
                    throw new IllegalArgumentException("The value of `" + key + "` must be of type `List` of `String`.");
                }
                result.add(text);
            }
        }
        effective.put(key, result);
        return result;
    }

    /** Whether the call gives a value for this key. */
    public boolean gives(String key) {
        return given.get(key) != null;
    }

    /** A value of any type, for the caller to check; null if not given. */
    public Object any(String key) {
        return value(key, Object.class, null);
    }

    /** Records a value that follows from others, so that the key counts as known. */
    protected void derive(String key, Object value) {
        effective.put(key, value);
    }

    private static IllegalArgumentException outside(String key, Object value, String range, String reason) {
        return new IllegalArgumentException("Value for `" + key + "` was `" + value + "`, but must be within the range "
            + range + (reason == null ? "." : ": " + reason + "."));
    }
}
