package kgrec.kge;

import java.util.Arrays;

/**
 * Pairs by three products of matrices: one for the scores, one for the gradients of the queries and one for those of the
 * candidates. DistMult's score is an inner product, and |q - c|^2 = |q|^2 + |c|^2 - 2qc. A skipped pair has slope 0.
 */
final class ProductPairs implements Pairs {
    private final Model model;
    private final boolean squares;
    private final int dimension;
    private final int width;
    private final float[] candidates;
    private final float[] flatQueries;
    private final float[] products;
    private final float[] toCandidates;
    private final float[] toFlatQueries;
    /** Squared lengths of the candidates while scoring, sums of their slopes for the gradients. */
    private final float[] ofCandidates;

    ProductPairs(Model model, Settings settings) {
        this.model = model;
        squares = model.score() == Score.TRANSE_L2;
        dimension = model.dimension();
        width = settings.negatives();
        candidates = new float[width * dimension];
        flatQueries = new float[settings.blockSize() * dimension];
        products = new float[settings.blockSize() * width];
        toCandidates = new float[width * dimension];
        toFlatQueries = new float[settings.blockSize() * dimension];
        ofCandidates = new float[width];
    }

    @Override
    public void score(int[] negatives, float[][] queries, int count, float[][] sums) {
        for (int n = 0; n < width; n++) {
            float[] row = model.entities()[negatives[n]];
            System.arraycopy(row, 0, candidates, n * dimension, dimension);
            ofCandidates[n] = squares ? Kernels.inner(row, row, dimension) : 0;
        }
        for (int i = 0; i < count; i++) {
            System.arraycopy(queries[i], 0, flatQueries, i * dimension, dimension);
        }
        Blas.multiply(flatQueries, false, candidates, true, products, count, width, dimension);
        for (int i = 0; i < count; i++) {
            System.arraycopy(products, i * width, sums[i], 0, width);
            if (squares) {
                Kernels.squaredDistances(sums[i], Kernels.inner(queries[i], queries[i], dimension), ofCandidates, width);
            }
        }
    }

    @Override
    public void gradients(int[] negatives, float[][] queries, int count, float[][] slopes, float[][] toQueries,
            float[][] toNegatives, boolean[] touched) {
        Arrays.fill(ofCandidates, 0f);
        for (int i = 0; i < count; i++) {
            System.arraycopy(slopes[i], 0, products, i * width, width);
            Kernels.add(slopes[i], ofCandidates, width);
        }
        Blas.multiply(products, false, candidates, false, toFlatQueries, count, dimension, width);
        Blas.multiply(products, true, flatQueries, false, toCandidates, width, dimension, count);
        for (int i = 0; i < count; i++) {
            float own = squares ? Kernels.sum(slopes[i], width) : 0;
            Kernels.subtractScaled(toFlatQueries, flatQueries, i * dimension, own, toQueries[i], dimension);
        }
        for (int n = 0; n < width; n++) {
            // Slopes of negatives are at least 0, so a sum of 0 means that all are 0.
            if (ofCandidates[n] > 0) {
                touched[n] = true;
                float own = squares ? ofCandidates[n] : 0;
                Kernels.subtractScaled(toCandidates, candidates, n * dimension, own, toNegatives[n], dimension);
            }
        }
    }
}
