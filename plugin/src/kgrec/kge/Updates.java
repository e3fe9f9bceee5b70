package kgrec.kge;

/** Applies a block's gradients to the model; holds the optimizer's state for each row of the model. */
final class Updates {
    private final Model model;
    private final Settings settings;
    private final Rows entities;
    private final Rows relations;

    Updates(Model model, Settings settings) {
        this.model = model;
        this.settings = settings;
        entities = new Rows(model.entities(), model.dimension(), settings.adam());
        relations = new Rows(model.relations(), model.dimension(), settings.adam());
    }

    void apply(Block block, Triples triples, int[] order, int from, int count, float rate) {
        for (int side = 0; side < 2; side++) {
            for (int n = 0; n < settings.negatives(); n++) {
                if (block.touched[side][n]) {
                    block.touched[side][n] = false;
                    step(entities, block.drawn[side][n], block.toNegatives[side][n], rate);
                }
            }
        }
        for (int i = 0; i < count; i++) {
            int triple = order[from + i];
            step(entities, triples.heads[triple], block.toHeads[i], rate);
            step(relations, triples.relations[triple], block.toRelations[i], rate);
            step(entities, triples.tails[triple], block.toTails[i], rate);
        }
    }

    private void step(Rows rows, int number, float[] gradient, float rate) {
        float decay = 2 * settings.regularization();
        if (!settings.adam()) {
            Kernels.adagrad(rows.values[number], gradient, rows.squares[number], rate, decay, model.dimension());
            return;
        }
        int steps = ++rows.steps[number];
        float corrected = (float) (rate / (1 - Math.pow(0.9, steps)));
        float second = (float) (1 / (1 - Math.pow(0.999, steps)));
        Kernels.adam(rows.values[number], gradient, rows.means[number], rows.squares[number], corrected, second, decay,
            model.dimension());
    }

    /** Rows of the model with their optimizer state. */
    private static final class Rows {
        final float[][] values;
        final float[][] squares;
        final float[][] means;
        final int[] steps;

        Rows(float[][] values, int dimension, boolean adam) {
            this.values = values;
            squares = like(values, dimension);
            means = adam ? like(values, dimension) : null;
            steps = adam ? new int[values.length] : null;
        }

        private static float[][] like(float[][] rows, int dimension) {
            float[][] state = new float[rows.length][];
            for (int i = 0; i < rows.length; i++) {
                state[i] = rows[i] == null ? null : new float[dimension];
            }
            return state;
        }
    }
}
