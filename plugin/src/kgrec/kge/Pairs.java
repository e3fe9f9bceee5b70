package kgrec.kge;

/** One thread's scores and gradients of all pairs of a query and a negative of one side. */
interface Pairs {
    /**
     * Fills sums[i][n] with the sums over dimensions that {@link Score#ofSum} turns into scores.
     *
     * @param negatives numbers of entities
     */
    void score(int[] negatives, float[][] queries, int count, float[][] sums);

    /**
     * Turns the slopes of the pairs scored last into gradients of the queries and the negatives. A negative is touched
     * if any of its slopes is not 0; the rows of others are left as they are.
     *
     * @param slopes derivative of the loss by a pair's score, for L2 divided by the distance
     * @param toQueries gradients of the queries, overwritten
     * @param toNegatives gradients of the negatives, added to; zero before
     */
    void gradients(int[] negatives, float[][] queries, int count, float[][] slopes, float[][] toQueries,
        float[][] toNegatives, boolean[] touched);

    static Pairs of(Model model, Settings settings) {
        return byProducts(model.score()) ? new ProductPairs(model, settings) : new LoopPairs(model, settings);
    }

    /** Whether products of matrices are used; sums of absolute differences cannot be written as products. */
    static boolean byProducts(Score score) {
        return score != Score.TRANSE_L1 && Blas.available();
    }
}
