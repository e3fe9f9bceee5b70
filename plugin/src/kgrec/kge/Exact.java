package kgrec.kge;

/** The ranking's inner loops: sums in doubles, one dimension at a time in index order, over many candidates. */
final class Exact {
    private Exact() {}

    /** Adds the dimension's part for candidates as tails; `known` is h + r, or h * r. */
    static void tail(Score score, double[] sums, double[] candidates, double known, int count) {
        switch (score) {
            case TRANSE_L1 -> {
                for (int i = 0; i < count; i++) {
                    sums[i] += Math.abs(known - candidates[i]);
                }
            }
            case TRANSE_L2 -> {
                for (int i = 0; i < count; i++) {
                    double x = known - candidates[i];
                    sums[i] += x * x;
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    sums[i] += known * candidates[i];
                }
            }
        }
    }

    /** Adds the dimension's part for candidates as heads. */
    static void head(Score score, double[] sums, double[] candidates, double relation, double tail, int count) {
        switch (score) {
            case TRANSE_L1 -> {
                for (int i = 0; i < count; i++) {
                    sums[i] += Math.abs(candidates[i] + relation - tail);
                }
            }
            case TRANSE_L2 -> {
                for (int i = 0; i < count; i++) {
                    double x = candidates[i] + relation - tail;
                    sums[i] += x * x;
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    sums[i] += candidates[i] * relation * tail;
                }
            }
        }
    }
}
