package kgrec.kge;

/**
 * The ranking's inner loops: sums in doubles over many candidates. Two dimensions a pass halve the reading and writing
 * of the sums; they are added one after the other, in index order, as {@link Model#exactSum} does.
 */
final class Exact {
    private Exact() {}

    /** Adds two dimensions' parts for candidates as tails; `known` is h + r, or h * r. */
    static void tail(Score score, double[] sums, double[] a, double[] b, double knownA, double knownB, int count) {
        switch (score) {
            case TRANSE_L1 -> {
                for (int i = 0; i < count; i++) {
                    sums[i] = sums[i] + Math.abs(knownA - a[i]) + Math.abs(knownB - b[i]);
                }
            }
            case TRANSE_L2 -> {
                for (int i = 0; i < count; i++) {
                    double x = knownA - a[i];
                    double y = knownB - b[i];
                    sums[i] = sums[i] + x * x + y * y;
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    sums[i] = sums[i] + knownA * a[i] + knownB * b[i];
                }
            }
        }
    }

    /** Adds two dimensions' parts for candidates as heads. */
    static void head(Score score, double[] sums, double[] a, double[] b, double relationA, double relationB,
            double tailA, double tailB, int count) {
        switch (score) {
            case TRANSE_L1 -> {
                for (int i = 0; i < count; i++) {
                    sums[i] = sums[i] + Math.abs(a[i] + relationA - tailA) + Math.abs(b[i] + relationB - tailB);
                }
            }
            case TRANSE_L2 -> {
                for (int i = 0; i < count; i++) {
                    double x = a[i] + relationA - tailA;
                    double y = b[i] + relationB - tailB;
                    sums[i] = sums[i] + x * x + y * y;
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    sums[i] = sums[i] + a[i] * relationA * tailA + b[i] * relationB * tailB;
                }
            }
        }
    }
}
