package kgrec.kge;

/**
 * Inner loops over rows of floats. The JIT vectorises a loop only if all arrays are accessed at the same index, so
 * scores of many candidates are summed by dimension over a transposed block (`columns[d][candidate]`), and gradients
 * by candidate over rows (`row[d]`).
 */
final class Kernels {
    /** Smaller exponents make no difference: exp(-40) is 4e-18. */
    private static final float LOWEST_EXPONENT = -40f;
    private static final float HIGHEST_EXPONENT = 60f;
    private static final float LOG_2 = (float) Math.log(2);

    private Kernels() {}

    /** Copies the rows of `numbers` into `columns[d][i]`, eight rows at a time to reuse each column reference. */
    static void transpose(float[][] rows, int[] numbers, int count, int dimension, float[][] columns) {
        int i = 0;
        for (; i + 8 <= count; i += 8) {
            copyEight(columns, i, rows[numbers[i]], rows[numbers[i + 1]], rows[numbers[i + 2]], rows[numbers[i + 3]],
                rows[numbers[i + 4]], rows[numbers[i + 5]], rows[numbers[i + 6]], rows[numbers[i + 7]], dimension);
        }
        for (; i < count; i++) {
            float[] row = rows[numbers[i]];
            for (int d = 0; d < dimension; d++) {
                columns[d][i] = row[d];
            }
        }
    }

    private static void copyEight(float[][] columns, int i, float[] a, float[] b, float[] c, float[] d, float[] e, float[] f,
            float[] g, float[] h, int dimension) {
        for (int k = 0; k < dimension; k++) {
            float[] column = columns[k];
            column[i] = a[k];
            column[i + 1] = b[k];
            column[i + 2] = c[k];
            column[i + 3] = d[k];
            column[i + 4] = e[k];
            column[i + 5] = f[k];
            column[i + 6] = g[k];
            column[i + 7] = h[k];
        }
    }

    /**
     * Adds sum over d of |query - candidate|, its square, or query * candidate, to sums[query][candidate]. Four
     * dimensions of all candidates fit into the first-level cache for all queries of a block.
     */
    static void sums(Score score, float[][] queries, int count, float[][] columns, int dimension, int candidates,
            float[][] sums) {
        int d = 0;
        for (; d + 4 <= dimension; d += 4) {
            for (int i = 0; i < count; i++) {
                float[] query = queries[i];
                addFour(score, sums[i], columns[d], columns[d + 1], columns[d + 2], columns[d + 3],
                    query[d], query[d + 1], query[d + 2], query[d + 3], candidates);
            }
        }
        for (; d < dimension; d++) {
            for (int i = 0; i < count; i++) {
                addOne(score, sums[i], columns[d], queries[i][d], candidates);
            }
        }
    }

    private static void addFour(Score score, float[] sums, float[] a, float[] b, float[] c, float[] d,
            float p, float q, float r, float s, int count) {
        switch (score) {
            case TRANSE_L1 -> fourAbsolute(sums, a, b, c, d, p, q, r, s, count);
            case TRANSE_L2 -> fourSquares(sums, a, b, c, d, p, q, r, s, count);
            default -> fourProducts(sums, a, b, c, d, p, q, r, s, count);
        }
    }

    private static void fourAbsolute(float[] sums, float[] a, float[] b, float[] c, float[] d,
            float p, float q, float r, float s, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] += Math.abs(p - a[i]) + Math.abs(q - b[i]) + Math.abs(r - c[i]) + Math.abs(s - d[i]);
        }
    }

    private static void fourSquares(float[] sums, float[] a, float[] b, float[] c, float[] d,
            float p, float q, float r, float s, int count) {
        for (int i = 0; i < count; i++) {
            float x = p - a[i], y = q - b[i], z = r - c[i], w = s - d[i];
            sums[i] += x * x + y * y + z * z + w * w;
        }
    }

    private static void fourProducts(float[] sums, float[] a, float[] b, float[] c, float[] d,
            float p, float q, float r, float s, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] += p * a[i] + q * b[i] + r * c[i] + s * d[i];
        }
    }

    private static void addOne(Score score, float[] sums, float[] a, float p, int count) {
        for (int i = 0; i < count; i++) {
            float x = p - a[i];
            sums[i] += switch (score) {
                case TRANSE_L1 -> Math.abs(x);
                case TRANSE_L2 -> x * x;
                default -> p * a[i];
            };
        }
    }

    /**
     * Adds the gradient of `slope` * score(query, candidate) to both vectors, where score is -sum|q - c|,
     * -sqrt(sum (q - c)^2) (with `slope` already divided by the root), or sum q * c.
     */
    static void gradient(Score score, float slope, float[] query, float[] candidate, float[] toQuery,
            float[] toCandidate, int dimension) {
        switch (score) {
            case TRANSE_L1 -> {
                for (int d = 0; d < dimension; d++) {
                    float step = Math.signum(query[d] - candidate[d]) * slope;
                    toQuery[d] -= step;
                    toCandidate[d] += step;
                }
            }
            case TRANSE_L2 -> {
                for (int d = 0; d < dimension; d++) {
                    float step = (query[d] - candidate[d]) * slope;
                    toQuery[d] -= step;
                    toCandidate[d] += step;
                }
            }
            default -> {
                for (int d = 0; d < dimension; d++) {
                    toQuery[d] += slope * candidate[d];
                    toCandidate[d] += slope * query[d];
                }
            }
        }
    }

    /** {@link #gradient} of two candidates of one query, which halves the memory traffic of the query; not for L1. */
    static void gradients(Score score, float[] query, float[] toQuery, float slopeA, float[] a, float[] toA, float slopeB,
            float[] b, float[] toB, int dimension) {
        switch (score) {
            case TRANSE_L1 -> throw new IllegalArgumentException("L1 uses signs(), on ordinals.");
            case TRANSE_L2 -> {
                for (int d = 0; d < dimension; d++) {
                    float stepA = (query[d] - a[d]) * slopeA;
                    float stepB = (query[d] - b[d]) * slopeB;
                    toQuery[d] -= stepA + stepB;
                    toA[d] += stepA;
                    toB[d] += stepB;
                }
            }
            case DISTMULT -> {
                for (int d = 0; d < dimension; d++) {
                    toQuery[d] += slopeA * a[d] + slopeB * b[d];
                    toA[d] += slopeA * query[d];
                    toB[d] += slopeB * query[d];
                }
            }
        }
    }

    /**
     * The row as integers in the same order, whose differences do not overflow and have the same sign as those of the
     * floats. The last bit is lost: adjacent floats may compare as equal.
     */
    static void ordinals(float[] row, int[] out, int dimension) {
        for (int d = 0; d < dimension; d++) {
            int bits = Float.floatToRawIntBits(row[d]);
            out[d] = (bits ^ (bits >> 31 & Integer.MAX_VALUE)) >> 1;
        }
    }

    /**
     * {@link #gradients} for L1 on ordinals: the JIT vectorises the sign of integers, but neither Math.signum nor a
     * condition on floats. If query and candidate are equal, the subgradient +1 is used.
     */
    static void signs(int[] query, float[] toQuery, float slopeA, int[] a, float[] toA, float slopeB, int[] b,
            float[] toB, int dimension) {
        for (int d = 0; d < dimension; d++) {
            float stepA = (query[d] - a[d] >> 31 | 1) * slopeA;
            float stepB = (query[d] - b[d] >> 31 | 1) * slopeB;
            toQuery[d] -= stepA + stepB;
            toA[d] += stepA;
            toB[d] += stepB;
        }
    }

    /** Turns inner products into squared distances, given the squared lengths; never negative. */
    static void squaredDistances(float[] products, float ofQuery, float[] ofCandidates, int count) {
        for (int i = 0; i < count; i++) {
            products[i] = Math.max(0f, ofQuery + ofCandidates[i] - 2 * products[i]);
        }
    }

    static void add(float[] values, float[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] += values[i];
        }
    }

    /** out[d] = values[first + d] - factor * rows[first + d]. */
    static void subtractScaled(float[] values, float[] rows, int first, float factor, float[] out, int dimension) {
        for (int d = 0; d < dimension; d++) {
            out[d] = values[first + d] - factor * rows[first + d];
        }
    }

    /** Number of positive values among values >= 0, by their bits, since a condition on floats does not vectorise. */
    static int count(float[] values, int count) {
        int found = 0;
        for (int i = 0; i < count; i++) {
            found += -Float.floatToRawIntBits(values[i]) >>> 31;
        }
        return found;
    }

    /** Sum by four accumulators, which avoids a chain of dependent additions. */
    static float sum(float[] values, int count) {
        float a = 0, b = 0, c = 0, d = 0;
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }
        for (; i < count; i++) {
            a += values[i];
        }
        return a + b + (c + d);
    }

    static float highest(float[] values, int count) {
        float highest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            highest = Math.max(highest, values[i]);
        }
        return highest;
    }

    /** One step of Adagrad (Duchi et al. 2011) with L2 regularization of the row; clears the gradient. */
    static void adagrad(float[] row, float[] gradient, float[] squares, float rate, float decay, int dimension) {
        for (int d = 0; d < dimension; d++) {
            float slope = gradient[d] + decay * row[d];
            float sum = squares[d] + slope * slope;
            squares[d] = sum;
            row[d] -= rate * slope / ((float) Math.sqrt(sum) + 1e-10f);
            gradient[d] = 0f;
        }
    }

    /**
     * One step of lazy Adam (Kingma and Ba 2015): a row's moment estimates change only in its own steps. `rate` and
     * `second` include the bias corrections by the row's step count; clears the gradient.
     */
    static void adam(float[] row, float[] gradient, float[] mean, float[] squares, float rate, float second,
            float decay, int dimension) {
        for (int d = 0; d < dimension; d++) {
            float slope = gradient[d] + decay * row[d];
            float m = 0.9f * mean[d] + 0.1f * slope;
            float v = 0.999f * squares[d] + 0.001f * slope * slope;
            mean[d] = m;
            squares[d] = v;
            row[d] -= rate * m / ((float) Math.sqrt(v * second) + 1e-8f);
            gradient[d] = 0f;
        }
    }

    /**
     * out[i] = exp(factor * values[i] + shift) with a relative error of about 1e-4: a Taylor polynomial at x / 256,
     * squared eight times, which vectorises unlike Math.exp.
     */
    static void exp(float[] values, float factor, float shift, float[] out, int count) {
        for (int i = 0; i < count; i++) {
            float x = Math.min(HIGHEST_EXPONENT, Math.max(LOWEST_EXPONENT, factor * values[i] + shift));
            float t = x * (1f / 256);
            float y = 1f + t * (1f + t * (0.5f + t * (1f / 6 + t * (1f / 24))));
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            out[i] = y;
        }
    }

    /**
     * out[i] = log(1 + 1 / odds[i]) with an error of about 1e-5: the exponent, and for the mantissa m four terms of the
     * series of log m = 2 artanh((m - 1) / (m + 1)), which vectorises unlike Math.log.
     */
    static void softplus(float[] odds, float[] out, int count) {
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToRawIntBits(1f + 1f / odds[i]);
            float m = Float.intBitsToFloat(bits & 0x7FFFFF | 0x3F800000);
            float s = (m - 1f) / (m + 1f);
            float t = s * s;
            float series = 2f * s * (1f + t * (1f / 3 + t * (1f / 5 + t * (1f / 7))));
            out[i] = ((bits >> 23) - 127) * LOG_2 + series;
        }
    }

    /** Sum of products, by four accumulators as in {@link #sum}. */
    static float inner(float[] left, float[] right, int count) {
        float a = 0, b = 0, c = 0, d = 0;
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            a += left[i] * right[i];
            b += left[i + 1] * right[i + 1];
            c += left[i + 2] * right[i + 2];
            d += left[i + 3] * right[i + 3];
        }
        for (; i < count; i++) {
            a += left[i] * right[i];
        }
        return a + b + (c + d);
    }
}
