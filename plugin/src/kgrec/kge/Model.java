package kgrec.kge;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The vectors, a row for each entity and each relation. A row is null if the entity has no triples.
 */
record Model(Score score, int dimension, float[][] entities, float[][] relations) {

    /**
     * Uniform initial values, bounded by (margin + 2) / dimension for L1 (RotatE), 6 / sqrt(dimension) for L2 (TransE)
     * and by Glorot's rule for DistMult. The seed of a row depends only on the given seed and the row's number.
     */
    static Model random(Score score, int dimension, boolean[] seen, int relations, double margin, long seed) {
        double range = switch (score) {
            case TRANSE_L1 -> (margin + 2) / dimension;
            case TRANSE_L2 -> 6 / Math.sqrt(dimension);
            case DISTMULT -> Math.sqrt(3.0 / dimension);
        };
        float[][] entityRows = new float[seen.length][];
        for (int i = 0; i < seen.length; i++) {
            entityRows[i] = seen[i] ? uniform(range, dimension, Mix.seed(seed, 1, i)) : null;
        }
        float[][] relationRows = new float[relations][];
        for (int i = 0; i < relations; i++) {
            relationRows[i] = uniform(range, dimension, Mix.seed(seed, 2, i));
        }
        return new Model(score, dimension, entityRows, relationRows);
    }

    private static float[] uniform(double range, int dimension, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] row = new float[dimension];
        for (int d = 0; d < dimension; d++) {
            row[d] = (float) ((2 * random.nextDouble() - 1) * range);
        }
        return row;
    }

    Model copy() {
        return new Model(score, dimension, copy(entities), copy(relations));
    }

    /** Replaces the vectors by those of `other`, which has the same shape. */
    void restore(Model other) {
        for (int i = 0; i < entities.length; i++) {
            entities[i] = other.entities[i];
        }
        for (int i = 0; i < relations.length; i++) {
            relations[i] = other.relations[i];
        }
    }

    private static float[][] copy(float[][] rows) {
        return Arrays.stream(rows).map(row -> row == null ? null : row.clone()).toArray(float[][]::new);
    }

    /** Sum over dimensions in the score of a triple, in doubles and in index order; see {@link Ranking}. */
    double exactSum(int head, int relation, int tail) {
        float[] h = entities[head];
        float[] r = relations[relation];
        float[] t = entities[tail];
        double sum = 0;
        for (int d = 0; d < dimension; d++) {
            if (score == Score.DISTMULT) {
                sum += (double) h[d] * r[d] * t[d];
            } else {
                double x = (double) h[d] + r[d] - t[d];
                sum += score == Score.TRANSE_L1 ? Math.abs(x) : x * x;
            }
        }
        return sum;
    }

    /** Combines numbers into a seed, so that a draw depends only on the seed, its purpose and its number. */
    static final class Mix {
        private Mix() {}

        static long seed(long seed, long purpose, long number) {
            long mixed = seed * 0x9E3779B97F4A7C15L + purpose * 0xBF58476D1CE4E5B9L + number * 0x94D049BB133111EBL;
            mixed ^= mixed >>> 32;
            mixed *= 0xD6E8FEB86659FD93L;
            return mixed ^ (mixed >>> 32);
        }
    }
}
