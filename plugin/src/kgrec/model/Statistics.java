package kgrec.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongToDoubleFunction;

/** Rolling statistics of a user's or a movie's residuals; see Python's `rolling_statistics.py`. */
final class Statistics {
    private static final double SHRINKAGE = 5.0;
    private static final double RESIDUAL_VARIANCE = 4.0;
    private static final long DAY = 86_400;
    /** Seconds since a rating that never was. */
    private static final double NEVER = 36_500.0 * DAY;
    private static final int[] USER_SPANS = {5, 10, 30};
    private static final int USER_LAST = 5;
    private static final Map<String, Long> USER_TIMES = new LinkedHashMap<>();
    private static final Map<String, Long> MOVIE_TIMES = Map.of("week", 7 * DAY, "year", 365 * DAY);

    static {
        USER_TIMES.put("minutes", 600L);
        USER_TIMES.put("hour", 3600L);
        USER_TIMES.put("day", DAY);
        USER_TIMES.put("month", 30 * DAY);
    }

    private Statistics() {}

    /** Columns of the user; `at` is the time of the rating that is predicted. */
    static void user(Columns columns, Events events, long at) {
        int size = events.size;
        double total = 0;
        double squares = 0;
        for (double residual : events.residual) {
            total += residual;
            squares += Events.exact(residual * residual);
        }
        double gap = size == 0 ? NEVER : at - events.at[size - 1];
        common(columns, "user", size, total, squares, gap, size == 0 ? NEVER : at - events.at[0]);
        for (int span : USER_SPANS) {
            double[] sums = weighted(events.at, events.residual, falling(span));
            columns.put("user_residual_ewma" + span, sums[0] / (sums[1] + 1));
        }
        USER_TIMES.forEach((name, seconds) -> {
            double[] sums = weighted(events.at, events.residual, fading(seconds));
            fading(columns, "user", name, sums[0], sums[1], Math.exp(-gap / seconds));
        });
        for (int back = 0; back < USER_LAST; back++) {
            columns.put("user_residual_last" + (back + 1), back < size ? events.residual[size - 1 - back] : 0);
        }
    }

    /** Columns of a movie. */
    static void movie(Columns columns, MovieTally movie, long at) {
        boolean rated = movie.count() > 0;
        double gap = rated ? at - movie.lastAt() : NEVER;
        common(columns, "movie", movie.count(), movie.residual(), movie.square(), gap, rated ? at - movie.firstAt() : NEVER);
        movie.weighted().forEach((name, sums) -> {
            Long seconds = MOVIE_TIMES.get(name);
            if (seconds == null) {
                columns.put("movie_residual_" + name, sums[0] / (sums[1] + 1));
            } else {
                fading(columns, "movie", name, sums[0], sums[1], Math.exp(-gap / seconds));
            }
        });
        columns.put("movie_residual_last1", rated ? movie.last() : 0);
    }

    /** How a movie's weighted sum of this name falls, by the seconds from one rating to the next. */
    static LongToDoubleFunction movieDecay(String name) {
        Long seconds = MOVIE_TIMES.get(name);
        return seconds == null ? falling(Integer.parseInt(name.substring("ewma".length()))) : fading(seconds);
    }

    private static LongToDoubleFunction falling(int span) {
        return seconds -> 1 - 2.0 / (span + 1);
    }

    private static LongToDoubleFunction fading(long constant) {
        return seconds -> Math.exp(-Math.max(seconds, 0.0) / constant);
    }

    private static void common(Columns columns, String side, double count, double total, double squares, double gap,
            double age) {
        columns.put(side + "_count", Math.log1p(count));
        columns.put(side + "_residual_mean", total / (count + SHRINKAGE));
        columns.put(side + "_residual_size", Math.sqrt((squares + SHRINKAGE * RESIDUAL_VARIANCE) / (count + SHRINKAGE)));
        columns.put(side + "_gap", logMinutes(gap));
        columns.put(side + "_age", logMinutes(age));
    }

    private static void fading(Columns columns, String side, String name, double sum, double mass, double fades) {
        columns.put(side + "_residual_" + name, sum * fades / (mass * fades + 1));
        columns.put(side + "_count_" + name, Math.log1p(mass * fades));
    }

    /** Exponentially weighted sums of the residuals and of ones. */
    static double[] weighted(long[] at, double[] residual, LongToDoubleFunction decayAfter) {
        double sum = 0;
        double mass = 0;
        for (int i = 0; i < at.length; i++) {
            double decay = i == 0 ? 0 : decayAfter.applyAsDouble(at[i] - at[i - 1]);
            sum = residual[i] + decay * sum;
            mass = 1 + decay * mass;
        }
        return new double[] {sum, mass};
    }

    private static double logMinutes(double seconds) {
        return Math.log1p(Math.max(seconds, 0) / 60);
    }
}
