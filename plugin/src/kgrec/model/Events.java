package kgrec.model;

import java.util.List;

/**
 * A history as the columns read it: for each rating its residual, and what the movie was like when it was rated.
 *
 * A rating that was not published is compared with the movies as published.
 */
final class Events {
    static final double USER_SHRINKAGE = 3.0;
    private static final double FIXED = 1 << 20;

    final int size;
    final int[] row;
    final long[] at;
    final double[] rating;
    /** Rating minus baseline estimate as of the rating. */
    final double[] residual;
    /** By event: a constant, and the movie's release year, popularity and quality as of the rating. */
    final double[][] covariates;
    /** Sum of the ratings' deviations, by which the user's deviation is fitted. */
    final double total;
    /** The user's deviation in the baseline estimate after all of them. */
    final double userDeviation;

    /** The ratings strictly before a time. */
    Events(MovieState state, History history, long until) {
        Pasts pasts = new Pasts(history.pasts(), state.newerPasts.get(history.userId()));
        List<HistoryEntry> entries = history.before(until).entries();
        size = entries.size();
        row = new int[size];
        at = new long[size];
        rating = new double[size];
        residual = new double[size];
        covariates = new double[size][];
        double sum = 0;
        double before = 0;
        int known = 0;
        for (int i = 0; i < size; i++) {
            HistoryEntry entry = entries.get(i);
            row[i] = state.row(entry.tconst());
            at[i] = entry.ratedAt();
            rating[i] = entry.rating();
            if (i > 0 && at[i] > at[i - 1]) {
                before = sum; // ratings of the same second do not see each other
                known = i;
            }
            Pasts.Past past = pasts.of(entry);
            double deviation = past == null ? state.deviation[row[i]] : past.deviation();
            double count = past == null ? state.count[row[i]] : past.count();
            double baseline = past == null
                ? state.mean + before / (known + USER_SHRINKAGE) + deviation
                : past.baseline();
            residual[i] = state.residual(rating[i], baseline);
            covariates[i] = covariates(state.year[row[i]], at[i], count, deviation);
            sum += exact(rating[i] - state.mean - state.fittedDeviation[row[i]]);
        }
        total = sum;
        userDeviation = userDeviation(state, history, pasts, total / (size + USER_SHRINKAGE));
    }

    /** As known at the first rating that is left out, where that was published; else as fitted now. */
    private double userDeviation(MovieState state, History history, Pasts pasts, double fitted) {
        Pasts.Past next = size < history.entries().size() ? pasts.of(history.entries().get(size)) : null;
        return next == null ? fitted : next.baseline() - next.deviation() - state.mean;
    }

    static double[] covariates(double year, long at, double count, double deviation) {
        double released = Double.isFinite(year) ? year : Calendar.year(at);
        return new double[] {1, (released - 1995) / 12, (Math.log1p(count) - 4) / 1.5, deviation * 2};
    }

    /** Fixed point as in Python, so that sums agree to the last bit. */
    static double exact(double value) {
        return Math.rint(value * FIXED) / FIXED;
    }
}
