package kgrec.kge;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One thread's workspace: loss and gradients of a block of triples that share their negatives.
 *
 * <p>Loss of a triple of weight w with score s, where s_n is the score of a negative and p_n its share (1/N, or the
 * softmax of alpha * s_n held constant; Sun et al. 2019), summed over both sides with a factor of one half:
 * logistic: w * (softplus(-(gamma + s)) + sum p_n * softplus(gamma + s_n)).
 * margin: w * sum p_n * max(0, gamma + s_n - s).
 */
final class Block {
    private final Model model;
    private final Triples triples;
    private final Settings settings;
    private final float[] weights;
    private final int[] candidates;
    private final int dimension;
    private final int negatives;

    final int[][] drawn;
    final float[][][] toNegatives;
    final boolean[][] touched;
    final float[][] toHeads;
    final float[][] toRelations;
    final float[][] toTails;
    private final Pairs work;
    private final float[] query;
    private final float[] toQuery;
    private final float[][] queries;
    private final float[][] toQueries;
    private final float[][] scores;
    private final float[][] slopes;
    private final int[] isTrue;
    private int trueCount;
    private final float[] odds;
    private final float[] losses;
    private final float[] positive;
    private final float[] positiveSlope;
    /** Negatives of the last block with a gradient. */
    long pairs;
    /** Loss of the last block; complete only if `measured`, since its logarithms are expensive. */
    double loss;
    boolean measured = true;

    /**
     * @param weights weight by triple, or null for equal weights
     * @param candidates entities to draw negatives from
     */
    Block(Model model, Triples triples, Settings settings, float[] weights, int[] candidates) {
        this.model = model;
        this.triples = triples;
        this.settings = settings;
        this.weights = weights;
        this.candidates = candidates;
        dimension = model.dimension();
        negatives = settings.negatives();
        int size = settings.blockSize();
        drawn = new int[2][negatives];
        toNegatives = new float[2][negatives][dimension];
        touched = new boolean[2][negatives];
        toHeads = new float[size][dimension];
        toRelations = new float[size][dimension];
        toTails = new float[size][dimension];
        work = Pairs.of(model, settings);
        query = new float[dimension];
        toQuery = new float[dimension];
        queries = new float[size][dimension];
        toQueries = new float[size][dimension];
        scores = new float[size][negatives];
        slopes = new float[size][negatives];
        isTrue = new int[negatives];
        odds = new float[negatives];
        losses = new float[negatives];
        positive = new float[size];
        positiveSlope = new float[size];
    }

    /** Draws new negatives for both sides. */
    void draw(SplittableRandom random) {
        for (int[] side : drawn) {
            for (int n = 0; n < negatives; n++) {
                side[n] = candidates[random.nextInt(candidates.length)];
            }
        }
    }

    /** Adds the gradients of the loss of triples order[from..from + count) to the buffers, which are zero before. */
    void gradients(int[] order, int from, int count) {
        pairs = 0;
        loss = 0;
        positives(order, from, count);
        side(order, from, count, true);
        side(order, from, count, false);
        for (int i = 0; i < count; i++) {
            positiveGradient(order[from + i], i);
        }
    }

    private void positives(int[] order, int from, int count) {
        for (int i = 0; i < count; i++) {
            int triple = order[from + i];
            float[] tail = model.entities()[triples.tails[triple]];
            model.score().query(model.entities()[triples.heads[triple]], relation(triple), true, query, dimension);
            float sum = 0;
            for (int d = 0; d < dimension; d++) {
                float x = query[d] - tail[d];
                sum += switch (model.score()) {
                    case TRANSE_L1 -> Math.abs(x);
                    case TRANSE_L2 -> x * x;
                    case DISTMULT -> query[d] * tail[d];
                };
            }
            positive[i] = model.score().ofSum(sum);
            positiveSlope[i] = 0;
            if (settings.logistic()) {
                double margin = settings.margin() + positive[i];
                positiveSlope[i] = (float) (-weight(triple) / (1 + Math.exp(margin)));
                loss += weight(triple) * softplus(-margin);
            }
        }
    }

    private void side(int[] order, int from, int count, boolean tailSide) {
        int side = tailSide ? 0 : 1;
        for (int i = 0; i < count; i++) {
            int triple = order[from + i];
            model.score().query(known(triple, tailSide), relation(triple), tailSide, queries[i], dimension);
        }
        work.score(drawn[side], queries, count, scores);
        for (int i = 0; i < count; i++) {
            slopes(i, order[from + i], side, tailSide);
            pairs += Kernels.count(slopes[i], negatives);
        }
        work.gradients(drawn[side], queries, count, slopes, toQueries, toNegatives[side], touched[side]);
        for (int i = 0; i < count; i++) {
            int triple = order[from + i];
            model.score().backward(toQueries[i], known(triple, tailSide), relation(triple), tailSide,
                tailSide ? toHeads[i] : toTails[i], toRelations[i], dimension);
        }
    }

    /** Fills slopes[i] with the derivative of the loss by the score of every negative of one triple and side. */
    private void slopes(int i, int triple, int side, boolean tailSide) {
        float[] score = scores[i];
        float[] share = slopes[i];
        model.score().ofSums(score, negatives);
        maskTrue(score, triple, side, tailSide);
        float highest = Kernels.highest(score, negatives);
        if (highest == Float.NEGATIVE_INFINITY) {
            Arrays.fill(share, 0f);
            return;
        }
        shares(score, share, highest);
        losses(i, triple, score, share);
    }

    /** Sets the score of negatives that form a true triple to minus infinity, so that their share is 0. */
    private void maskTrue(float[] score, int triple, int side, boolean tailSide) {
        int[] entities = drawn[side];
        int answer = tailSide ? triples.tails[triple] : triples.heads[triple];
        int known = tailSide ? triples.heads[triple] : triples.tails[triple];
        long[] pairs = settings.filterNegatives() ? triples.pairs(triples.relations[triple], tailSide) : null;
        int first = pairs == null ? 0 : Triples.start(pairs, known);
        int last = pairs == null ? 0 : Triples.start(pairs, known + 1);
        trueCount = 0;
        for (int n = 0; n < negatives; n++) {
            if (entities[n] == answer || last - first > 1
                    && Arrays.binarySearch(pairs, first, last, Triples.pair(known, entities[n])) >= 0) {
                score[n] = Float.NEGATIVE_INFINITY;
                isTrue[trueCount++] = n;
            }
        }
    }

    private void shares(float[] score, float[] share, float highest) {
        float alpha = settings.selfAdversarial() ? settings.temperature() : 0f;
        if (alpha > 0) {
            Kernels.exp(score, alpha, -alpha * highest, share, negatives);
        } else {
            Arrays.fill(share, 1f);
        }
        for (int k = 0; k < trueCount; k++) {
            share[isTrue[k]] = 0f;
        }
        float scale = 1 / Kernels.sum(share, negatives);
        for (int n = 0; n < negatives; n++) {
            share[n] *= scale;
        }
    }

    private void losses(int i, int triple, float[] score, float[] share) {
        float half = 0.5f * weight(triple);
        float gamma = settings.margin();
        if (settings.logistic()) {
            // dLoss/ds_n = p_n / (1 + exp(-(gamma + s_n)))
            Kernels.exp(score, -1f, -gamma, odds, negatives);
            if (measured) {
                Kernels.softplus(odds, losses, negatives);
                loss += half * Kernels.inner(share, losses, negatives);
            }
            for (int n = 0; n < negatives; n++) {
                share[n] = half * share[n] / (1 + odds[n]);
            }
            skip(share);
        } else {
            margins(i, score, share, half, gamma);
        }
        if (model.score() == Score.TRANSE_L2) {
            for (int n = 0; n < negatives; n++) {
                // A masked negative has slope 0 and infinite distance: it stays 0.
                share[n] /= -score[n];
            }
        }
    }

    private void margins(int i, float[] score, float[] share, float half, float gamma) {
        for (int n = 0; n < negatives; n++) {
            float violation = gamma + score[n] - positive[i];
            float slope = share[n] > 0 && violation > 0 ? half * share[n] : 0f;
            loss += slope == 0f ? 0f : slope * violation;
            share[n] = slope;
        }
        skip(share);
        for (int n = 0; n < negatives; n++) {
            positiveSlope[i] -= share[n];
        }
    }

    /** Sets the slopes of easy negatives to 0: those below a share of the sum of all slopes. */
    private void skip(float[] share) {
        if (settings.skipThreshold() > 0) {
            float least = settings.skipThreshold() * Kernels.sum(share, negatives);
            for (int n = 0; n < negatives; n++) {
                share[n] = share[n] < least ? 0f : share[n];
            }
        }
    }

    /** Adds the gradient of the true triple's score. */
    private void positiveGradient(int triple, int i) {
        model.score().query(model.entities()[triples.heads[triple]], relation(triple), true, query, dimension);
        Arrays.fill(toQuery, 0f);
        float slope = model.score() == Score.TRANSE_L2 ? positiveSlope[i] / -positive[i] : positiveSlope[i];
        Kernels.gradient(model.score(), slope, query, model.entities()[triples.tails[triple]], toQuery, toTails[i],
            dimension);
        model.score().backward(toQuery, model.entities()[triples.heads[triple]], relation(triple), true, toHeads[i],
            toRelations[i], dimension);
    }

    private float[] known(int triple, boolean tailSide) {
        return model.entities()[tailSide ? triples.heads[triple] : triples.tails[triple]];
    }

    private float[] relation(int triple) {
        return model.relations()[triples.relations[triple]];
    }

    private float weight(int triple) {
        return weights == null ? 1f : weights[triple];
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }
}
