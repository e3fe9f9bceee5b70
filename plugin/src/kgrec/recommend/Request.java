package kgrec.recommend;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kgrec.Configuration;
import org.neo4j.graphdb.Node;

/**
 * What is asked for.
 *
 * @param candidates movie nodes or their tconst; null for all movies
 * @param minRatings that a movie must have
 * @param newPlaces how many of the places are for movies with few ratings
 * @param asOf epoch seconds; only ratings before count. Null: all
 * @param ratings whether to predict ratings
 * @param reasons how many movies and how many people to name
 * @param leftOut how many ratings a counterfactual may leave out
 * @param modelId null: the promoted run, else the latest
 */
record Request(int topK, List<Object> candidates, int minRatings, double diversity, int newPlaces, Long asOf, boolean ratings,
        int reasons, int leftOut, String modelId) {
    private static final int MOST_PLACES = 1000;
    private static final int MOST_REASONS = 100;
    private static final String ALL_IN_MEMORY = "the answer is held in memory";

    static Request toRecommend(Map<String, Object> given) {
        Configuration read = new Configuration(given);
        int topK = topK(read);
        Request request = new Request(topK, candidates(read), minRatings(read),
            read.number("diversity", 0, 0, 1, false, "1 minus it is the share of the score"),
            read.integer("newPlaces", 0, 0, topK, "there are `topK` places"), asOf(read), read.flag("ratings", true),
            reasons(read), 0, read.text("modelId", null));
        read.refuseUnknown();
        return request;
    }

    static Request toExplain(Map<String, Object> given) {
        Configuration read = new Configuration(given);
        Request request = new Request(topK(read), candidates(read), minRatings(read), 0, 0, asOf(read),
            read.flag("ratings", true), reasons(read),
            read.integer("counterfactuals", 3, 0, 3, "more ratings left out explain little"), read.text("modelId", null));
        read.refuseUnknown();
        return request;
    }

    private static int topK(Configuration read) {
        return read.integer("topK", 10, 1, MOST_PLACES, ALL_IN_MEMORY);
    }

    private static int minRatings(Configuration read) {
        return read.integer("minRatings", 0, 0, 1_000_000_000, "no movie has more");
    }

    private static int reasons(Configuration read) {
        return read.integer("reasons", 3, 0, MOST_REASONS, ALL_IN_MEMORY);
    }

    private static List<Object> candidates(Configuration read) {
        Object given = read.any("candidates");
        if (given == null) {
            return null;
        }
        if (!(given instanceof List<?> list)) {
            throw notMovies(given);
        }
        for (Object item : list) {
            if (!(item instanceof Node) && !(item instanceof String)) {
                throw notMovies(item);
            }
        }
        return new ArrayList<>(list);
    }

    static IllegalArgumentException notMovies(Object value) {
        String was = value == null ? "null" : value instanceof Node ? "a node without the label `Movie`"
            : "`" + value.getClass().getSimpleName() + "`";
        return new IllegalArgumentException("The value of `candidates` must be a list of Movie nodes, or of their tconst, but "
            + "was or held " + was + ".");
    }

    /** Ratings are before a fraction of a second if they are before the next whole one. */
    private static Long asOf(Configuration read) {
        Object given = read.any("asOf");
        Object instant = given instanceof ZonedDateTime zoned ? zoned.toInstant()
            : given instanceof OffsetDateTime offset ? offset.toInstant() : given;
        return switch (instant) {
            case null -> null;
            case Long seconds -> seconds;
            case Instant time -> time.getNano() == 0 ? time.getEpochSecond() : time.getEpochSecond() + 1;
            default -> throw new IllegalArgumentException("The value of `asOf` must be epoch seconds (`Integer`) or a "
                + "`DateTime`, but was `" + given.getClass().getSimpleName() + "`. For a date write e.g. "
                + "datetime('2015-01-01').");
        };
    }
}
