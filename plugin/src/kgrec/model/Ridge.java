package kgrec.model;

/** Ridge regression of a user's residuals on what the rated movies were like; see Python's `ridge_regression.py`. */
final class Ridge {
    private static final int SIZE = 4;
    private static final double RIDGE = 10.0;

    private final double[] weights;

    Ridge(Events events) {
        double[][] rows = new double[SIZE][SIZE + 1];
        for (int i = 0; i < events.size; i++) {
            double[] x = events.covariates[i];
            for (int a = 0; a < SIZE; a++) {
                for (int b = 0; b < SIZE; b++) {
                    rows[a][b] += Events.exact(x[a] * x[b]);
                }
                rows[a][SIZE] += Events.exact(x[a] * events.residual[i]);
            }
        }
        for (int a = 0; a < SIZE; a++) {
            rows[a][a] += RIDGE;
        }
        weights = solved(rows);
    }

    double predict(double[] x) {
        double sum = 0;
        for (int a = 0; a < SIZE; a++) {
            sum += weights[a] * x[a];
        }
        return sum;
    }

    /** Gaussian elimination; the matrix is positive definite, so no pivoting is needed. */
    private static double[] solved(double[][] rows) {
        for (int a = 0; a < SIZE; a++) {
            for (int b = a + 1; b < SIZE; b++) {
                double factor = rows[b][a] / rows[a][a];
                for (int c = a; c <= SIZE; c++) {
                    rows[b][c] -= factor * rows[a][c];
                }
            }
        }
        double[] x = new double[SIZE];
        for (int a = SIZE - 1; a >= 0; a--) {
            x[a] = rows[a][SIZE];
            for (int b = a + 1; b < SIZE; b++) {
                x[a] -= rows[a][b] * x[b];
            }
            x[a] /= rows[a][a];
        }
        return x;
    }
}
