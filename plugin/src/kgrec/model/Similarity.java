package kgrec.model;

/** The user's latest residuals, weighted by how similar the movies are; see Python's `item_similarity.py`. */
final class Similarity {
    private static final int LATEST = 256;
    private static final double SQUARE_OF_STEPS = 2048.0 * 2048.0;

    private Similarity() {}

    static void columns(Columns columns, MovieState state, Events events, int row) {
        if (state.vectors == null) {
            return;
        }
        double squares = 0;
        double eighths = 0;
        double bySquares = 0;
        double byEighths = 0;
        double nearest = 0;
        double nearestResidual = 0;
        for (int i = Math.max(0, events.size - LATEST); i < events.size; i++) {
            double cosine = Math.max(cosine(state, row, events.row[i]), 0);
            double square = cosine * cosine;
            double eighth = square * square * square * square;
            squares += square;
            eighths += eighth;
            bySquares += square * events.residual[i];
            byEighths += eighth * events.residual[i];
            if (cosine > 0 && cosine >= nearest) { // the latest of equally similar movies
                nearest = cosine;
                nearestResidual = events.residual[i];
            }
        }
        columns.put("item_similarity_2_residual", bySquares / (squares + 1));
        columns.put("item_similarity_2_weight", Math.log1p(squares));
        columns.put("item_similarity_8_residual", byEighths / (eighths + 1));
        columns.put("item_similarity_8_weight", Math.log1p(eighths));
        columns.put("item_similarity_nearest_cosine", nearest);
        columns.put("item_similarity_nearest_residual", nearestResidual);
    }

    private static double cosine(MovieState state, int one, int other) {
        int size = state.vectorSize;
        int a = one * size;
        int b = other * size;
        int sum = 0;
        for (int i = 0; i < size; i++) {
            sum += state.vectors[a + i] * state.vectors[b + i];
        }
        return sum / SQUARE_OF_STEPS;
    }
}
