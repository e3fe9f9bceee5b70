package kgrec.kge;

/** Scoring functions; a larger score means a more plausible triple. */
enum Score {
    /** -sum |h + r - t| (Bordes et al. 2013). */
    TRANSE_L1,
    /** -sqrt(sum (h + r - t)^2); gds.ml.kge.predict computes the same with the opposite sign. */
    TRANSE_L2,
    /** sum h * r * t (Yang et al. 2015). */
    DISTMULT;

    boolean translates() {
        return this != DISTMULT;
    }

    /** Score from the sum over dimensions that the kernels compute. */
    float ofSum(float sum) {
        return switch (this) {
            case TRANSE_L1 -> -sum;
            case TRANSE_L2 -> (float) -Math.sqrt(sum + 1e-12f);
            case DISTMULT -> sum;
        };
    }

    /** {@link #ofSum} in place. */
    void ofSums(float[] sums, int count) {
        if (this == TRANSE_L1) {
            for (int i = 0; i < count; i++) {
                sums[i] = -sums[i];
            }
        } else if (this == TRANSE_L2) {
            for (int i = 0; i < count; i++) {
                sums[i] = (float) -Math.sqrt(sums[i] + 1e-12f);
            }
        }
    }

    /**
     * Query vector that candidates are compared with: h + r or h * r for tails, t - r or t * r for heads.
     */
    void query(float[] known, float[] relation, boolean tailSide, float[] out, int dimension) {
        if (this == DISTMULT) {
            for (int d = 0; d < dimension; d++) {
                out[d] = known[d] * relation[d];
            }
        } else if (tailSide) {
            for (int d = 0; d < dimension; d++) {
                out[d] = known[d] + relation[d];
            }
        } else {
            for (int d = 0; d < dimension; d++) {
                out[d] = known[d] - relation[d];
            }
        }
    }

    /** Adds the gradient of a query to those of the known entity and the relation that it was computed from. */
    void backward(float[] toQuery, float[] known, float[] relation, boolean tailSide, float[] toKnown,
            float[] toRelation, int dimension) {
        if (this == DISTMULT) {
            for (int d = 0; d < dimension; d++) {
                toKnown[d] += toQuery[d] * relation[d];
                toRelation[d] += toQuery[d] * known[d];
            }
        } else if (tailSide) {
            for (int d = 0; d < dimension; d++) {
                toKnown[d] += toQuery[d];
                toRelation[d] += toQuery[d];
            }
        } else {
            for (int d = 0; d < dimension; d++) {
                toKnown[d] += toQuery[d];
                toRelation[d] -= toQuery[d];
            }
        }
    }
}
