package kgrec.kge;

/**
 * Inner loops of the ranking: sums in doubles over many candidates. Processing two dimensions at a time halves the
 * memory traffic of the sums; they are added in index order, as in {@link Model#exactSum}.
 */
final class Exact {
    private Exact() {}

    /** Adds the terms of two dimensions for candidate tails; `known` is h + r, or h * r. */
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

    /** Adds the terms of two dimensions for candidate heads. */
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
