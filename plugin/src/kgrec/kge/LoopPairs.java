package kgrec.kge;

import java.util.Arrays;

/** Pairs by loops that the JIT vectorises, on any Java; a skipped pair costs only its score. */
final class LoopPairs implements Pairs {
    /** Negatives processed together for all queries, so that their rows stay in the first-level cache. Even, since they
     * are processed in twos; not used if negatives are skipped, because few of a tile would be left. */
    private static final int TILE = 16;

    private final Model model;
    private final int dimension;
    private final int width;
    private final float[][] columns;
    /** {@link Kernels#ordinals} of the touched negatives of a side and of the queries; for L1 only, else null. */
    private final int[][] ordinals;
    private final int[][] queryOrdinals;
    private final int tile;

    LoopPairs(Model model, Settings settings) {
        this.model = model;
        dimension = model.dimension();
        width = settings.negatives();
        columns = new float[dimension][width];
        boolean signs = model.score() == Score.TRANSE_L1;
        ordinals = signs ? new int[width][dimension] : null;
        queryOrdinals = signs ? new int[settings.blockSize()][dimension] : null;
        tile = settings.skipThreshold() > 0 ? width : TILE;
    }

    @Override
    public void score(int[] negatives, float[][] queries, int count, float[][] sums) {
        Kernels.transpose(model.entities(), negatives, width, dimension, columns);
        for (int i = 0; i < count; i++) {
            Arrays.fill(sums[i], 0f);
        }
        Kernels.sums(model.score(), queries, count, columns, dimension, width, sums);
    }

    @Override
    public void gradients(int[] negatives, float[][] queries, int count, float[][] slopes, float[][] toQueries,
            float[][] toNegatives, boolean[] touched) {
        for (int i = 0; i < count; i++) {
            Arrays.fill(toQueries[i], 0f);
            if (ordinals != null) {
                Kernels.ordinals(queries[i], queryOrdinals[i], dimension);
            }
        }
        for (int first = 0; first < width; first += tile) {
            int last = Math.min(width, first + tile);
            for (int i = 0; i < count; i++) {
                gradients(i, negatives, first, last, queries[i], slopes[i], toQueries[i], toNegatives, touched);
            }
        }
    }

    /** Adds the gradients of one query and the negatives from..to with a slope other than 0, two at a time. */
    private void gradients(int i, int[] negatives, int from, int to, float[] query, float[] slope, float[] toQuery,
            float[][] toNegatives, boolean[] touched) {
        int waiting = -1;
        for (int n = from; n < to; n++) {
            if (slope[n] == 0f) {
                continue;
            }
            touch(n, negatives, touched);
            if (waiting < 0) {
                waiting = n;
            } else {
                two(i, negatives, waiting, n, query, slope, toQuery, toNegatives);
                waiting = -1;
            }
        }
        if (waiting >= 0) {
            Kernels.gradient(model.score(), slope[waiting], query, model.entities()[negatives[waiting]], toQuery,
                toNegatives[waiting], dimension);
        }
    }

    private void touch(int n, int[] negatives, boolean[] touched) {
        if (!touched[n] && ordinals != null) {
            Kernels.ordinals(model.entities()[negatives[n]], ordinals[n], dimension);
        }
        touched[n] = true;
    }

    private void two(int i, int[] negatives, int a, int b, float[] query, float[] slope, float[] toQuery,
            float[][] toNegatives) {
        if (ordinals != null) {
            Kernels.signs(queryOrdinals[i], toQuery, slope[a], ordinals[a], toNegatives[a], slope[b], ordinals[b],
                toNegatives[b], dimension);
        } else {
            Kernels.gradients(model.score(), query, toQuery, slope[a], model.entities()[negatives[a]], toNegatives[a],
                slope[b], model.entities()[negatives[b]], toNegatives[b], dimension);
        }
    }
}
