package kgrec.kge;

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
final class Configuration {
    private final Map<String, Object> given;
    /** Every key read so far with its effective value: the result's `configuration`. */
    private final Map<String, Object> effective = new LinkedHashMap<>();

    Configuration(Map<String, Object> given) {
        this.given = given;
    }

    Map<String, Object> effective() {
        return effective;
    }

    /** Refuses keys that the procedure has not read. */
    void refuseUnknown() {
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

    String text(String key, String fallback) {
        return value(key, String.class, fallback);
    }

    String mandatory(String key) {
        if (given.get(key) == null) {
            throw new IllegalArgumentException("No value specified for the mandatory configuration parameter `" + key + "`");
        }
        return text(key, null);
    }

    /** One of `choices`, ignoring case. */
    String choice(String key, String fallback, String... choices) {
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

    boolean flag(String key, boolean fallback) {
        return value(key, Boolean.class, fallback);
    }

    int integer(String key, int fallback, int least) {
        Object value = given.get(key);
        long number = value(key, Long.class, (long) fallback);
        if (number < least || number > Integer.MAX_VALUE) {
            throw outside(key, value, "[" + least + ", " + Integer.MAX_VALUE + "]");
        }
        return (int) number;
    }

    /** The seed, or null if not configured. */
    Long seed(String key) {
        return value(key, Long.class, null);
    }

    double number(String key, double fallback, double least, double most, boolean openBelow) {
        Object value = given.get(key);
        double number = value instanceof Long whole ? whole : value(key, Double.class, fallback);
        effective.put(key, number);
        boolean inside = (openBelow ? number > least : number >= least) && number <= most;
        if (!inside) {
            String range = (openBelow ? "(" : "[") + least + ", " + (most == Double.MAX_VALUE ? "∞)" : most + "]");
            throw outside(key, value, range);
        }
        return number;
    }

    List<String> texts(String key, List<String> fallback) {
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

    private static IllegalArgumentException outside(String key, Object value, String range) {
        return new IllegalArgumentException("Value for `" + key + "` was `" + value + "`, but must be within the range "
            + range + ".");
    }

    /** Scoring function and distance, common to training and evaluation. */
    Score score() {
        boolean transE = choice("scoringFunction", mandatory("scoringFunction"), "transe", "distmult").equals("transe");
        if (!transE) {
            if (given.get("distance") != null) {
                throw new IllegalArgumentException("Unexpected configuration key: distance. It applies to `transe` only; "
                    + "remove it for `distmult`.");
            }
            effective.put("distance", null);
            return Score.DISTMULT;
        }
        return choice("distance", "l2", "l1", "l2").equals("l1") ? Score.TRANSE_L1 : Score.TRANSE_L2;
    }

    Settings training() {
        Score score = score();
        int dimension = integer("embeddingDimension", 128, 1);
        boolean logistic = choice("lossFunction", "logistic", "logistic", "margin").equals("logistic");
        double fallbackMargin = score.translates() ? 4 : logistic ? 0 : 1;
        double margin = number("margin", fallbackMargin, 0, Double.MAX_VALUE, false);
        boolean adversarial = choice("negativeSampling", "selfAdversarial", "selfAdversarial", "uniform")
            .equals("selfAdversarial");
        int negatives = integer("negativeSamplingRate", 64, 1);
        double temperature = number("adversarialTemperature", score.translates() ? 2 : 1, 0, Double.MAX_VALUE, false);
        double skip = number("negativeSkipThreshold", 0, 0, 1, false);
        boolean filter = flag("filterNegatives", false);
        boolean frequency = flag("frequencyWeighting", false);
        boolean adam = choice("optimizer", "adagrad", "adagrad", "adam").equals("adam");
        double rate = number("learningRate", adam ? 0.001 : defaultRate(score), 0, Double.MAX_VALUE, true);
        double minRate = number("minLearningRate", rate, 0, rate, false);
        double regularization = number("regularization", 0, 0, Double.MAX_VALUE, false);
        int epochs = integer("epochs", 100, 1);
        int block = integer("blockSize", 16, 1);
        int interval = integer("validationInterval", 5, 1);
        int sample = integer("validationSampleSize", 2000, 0);
        int patience = integer("patience", 3, 0);
        int concurrency = concurrency();
        Long seed = seed("randomSeed");
        return new Settings(score, dimension, logistic, (float) margin, adversarial, negatives, (float) temperature,
            (float) skip, filter, frequency, adam, rate, minRate, (float) regularization, epochs, block, interval, sample,
            patience, concurrency, seed == null ? System.nanoTime() : seed);
    }

    /** Adagrad's learning rate; docs/embeddings.md and, for L1, docs/kge.md have the measurements behind the defaults. */
    private static double defaultRate(Score score) {
        return switch (score) {
            case TRANSE_L1 -> 0.1;
            case TRANSE_L2 -> 1;
            case DISTMULT -> 0.3;
        };
    }

    int concurrency() {
        return integer("concurrency", 4, 1);
    }
}
