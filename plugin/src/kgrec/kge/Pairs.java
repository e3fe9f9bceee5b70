package kgrec.kge;

/** One thread's way from queries and one side's negatives to the scores of all pairs, and from slopes to gradients. */
interface Pairs {
    /**
     * Fills sums[i][n] with what {@link Score#ofSum} makes a score of.
     *
     * @param negatives entities, by number
     */
    void score(int[] negatives, float[][] queries, int count, float[][] sums);

    /**
     * Turns the slopes of the pairs that were scored last into gradients of both of their sides. What is untouched stays
     * as it is; a negative is touched where any of its slopes is not zero.
     *
     * @param slopes slope of the loss in a pair's score, for L2 divided by the distance
     * @param toQueries filled
     * @param toNegatives added to; empty before
     */
    void pull(int[] negatives, float[][] queries, int count, float[][] slopes, float[][] toQueries, float[][] toNegatives,
        boolean[] touched);

    static Pairs of(Model model, Settings settings) {
        return byProducts(model.score()) ? new ProductPairs(model, settings) : new LoopPairs(model, settings);
    }

    /** Sums of absolute differences are no products. */
    static boolean byProducts(Score score) {
        return score != Score.TRANSE_L1 && Blas.available();
    }
}
