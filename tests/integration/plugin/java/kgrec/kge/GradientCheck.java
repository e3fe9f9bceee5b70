package kgrec.kge;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Compares the gradients of a block with finite differences of the loss, computed in doubles by its definition, for every
 * score, loss and weighting of negatives. Prints a line for each case: name, largest difference, largest gradient, relative
 * difference of the loss, and whether products of matrices were used.
 */
public final class GradientCheck {
    private static final int NODES = 5;
    private static final int DIMENSION = 6;
    private static final double STEP = 1e-6;
    private static final long[][] PAIRS = {
        {Triples.pair(0, 1), Triples.pair(0, 2), Triples.pair(1, 2), Triples.pair(3, 3)}, {Triples.pair(2, 0), Triples.pair(4, 1)},
    };

    private GradientCheck() {}

    public static void main(String[] arguments) {
        for (Score score : Score.values()) {
            for (boolean logistic : new boolean[] {true, false}) {
                for (boolean adversarial : new boolean[] {true, false}) {
                    for (boolean filter : new boolean[] {true, false}) {
                        check(settings(score, logistic, adversarial, filter));
                    }
                }
            }
        }
    }

    private static Settings settings(Score score, boolean logistic, boolean adversarial, boolean filter) {
        return new Settings(score, DIMENSION, logistic, 1.5f, adversarial, 7, 0.7f, 0f, filter, true, false, 0.1, 0.1, 0f,
            1, 8, 1, 0, 0, 1, 5L);
    }

    private static void check(Settings settings) {
        Triples triples = new Triples(PAIRS);
        boolean[] seen = {true, true, true, true, true};
        Model model = Model.random(settings.score(), DIMENSION, seen, PAIRS.length, settings.margin(), 11);
        float[] weights = {0.5f, 1f, 2f, 1.5f, 0.25f, 0.75f};
        int[] order = {4, 2, 0, 1, 3, 5};
        Block block = new Block(model, triples, settings, weights, new int[] {0, 1, 2, 3, 4});
        block.draw(new SplittableRandom(3));
        block.gradients(order, 0, order.length);
        double[][] shares = shares(model, triples, settings, block, order);
        double worst = 0;
        double largest = 0;
        for (float[][] rows : List.of(model.entities(), model.relations())) {
            boolean entities = rows == model.entities();
            for (int row = 0; row < rows.length; row++) {
                for (int d = 0; d < DIMENSION; d++) {
                    double exact = difference(model, entities, row, d, triples, settings, block, order, weights, shares);
                    double ours = gradient(block, triples, order, entities, row, d);
                    worst = Math.max(worst, Math.abs(exact - ours));
                    largest = Math.max(largest, Math.abs(exact));
                }
            }
        }
        double loss = loss(model, triples, settings, block, order, weights, shares, null, 0, 0, 0);
        System.out.println(settings.score() + "," + (settings.logistic() ? "logistic" : "margin") + ","
            + (settings.selfAdversarial() ? "selfAdversarial" : "uniform") + "," + (settings.filterNegatives() ? "filtered" : "all")
            + " " + worst + " " + largest + " " + Math.abs(loss - block.loss) / loss + " "
            + Pairs.byProducts(settings.score()));
    }

    private static double difference(Model model, boolean entities, int row, int d, Triples triples, Settings settings,
            Block block, int[] order, float[] weights, double[][] shares) {
        double up = loss(model, triples, settings, block, order, weights, shares, entities, row, d, STEP);
        double down = loss(model, triples, settings, block, order, weights, shares, entities, row, d, -STEP);
        return (up - down) / (2 * STEP);
    }

    private static double gradient(Block block, Triples triples, int[] order, boolean entities, int row, int d) {
        double sum = 0;
        for (int i = 0; i < order.length; i++) {
            if (entities) {
                sum += triples.heads[order[i]] == row ? block.toHeads[i][d] : 0;
                sum += triples.tails[order[i]] == row ? block.toTails[i][d] : 0;
            } else {
                sum += triples.relations[order[i]] == row ? block.toRelations[i][d] : 0;
            }
        }
        for (int side = 0; entities && side < 2; side++) {
            for (int n = 0; n < block.drawn[side].length; n++) {
                sum += block.drawn[side][n] == row ? block.toNegatives[side][n][d] : 0;
            }
        }
        return sum;
    }

    private static boolean isTrue(Triples triples, Settings settings, int h, int r, int t, int triple) {
        boolean same = h == triples.heads[triple] && t == triples.tails[triple];
        return same || settings.filterNegatives() && triples.contains(h, r, t);
    }

    /** Shares of the negatives of each triple, tail side first. */
    private static double[][] shares(Model model, Triples triples, Settings settings, Block block, int[] order) {
        double[][] shares = new double[2 * order.length][settings.negatives()];
        for (int row = 0; row < shares.length; row++) {
            int triple = order[row / 2];
            double sum = 0;
            for (int n = 0; n < settings.negatives(); n++) {
                int h = row % 2 == 0 ? triples.heads[triple] : block.drawn[1][n];
                int t = row % 2 == 0 ? block.drawn[0][n] : triples.tails[triple];
                double s = score(model, h, triples.relations[triple], t, null, 0, 0, 0);
                double share = settings.selfAdversarial() ? Math.exp(settings.temperature() * s) : 1;
                shares[row][n] = isTrue(triples, settings, h, triples.relations[triple], t, triple) ? 0 : share;
                sum += shares[row][n];
            }
            for (int n = 0; n < settings.negatives() && sum > 0; n++) {
                shares[row][n] /= sum;
            }
        }
        return shares;
    }

    private static double loss(Model model, Triples triples, Settings settings, Block block, int[] order, float[] weights,
            double[][] shares, Boolean entities, int row, int d, double step) {
        double loss = 0;
        for (int i = 0; i < order.length; i++) {
            int triple = order[i];
            int r = triples.relations[triple];
            double s = score(model, triples.heads[triple], r, triples.tails[triple], entities, row, d, step);
            loss += settings.logistic() ? weights[triple] * softplus(-settings.margin() - s) : 0;
            for (int side = 0; side < 2; side++) {
                for (int n = 0; n < settings.negatives(); n++) {
                    int h = side == 0 ? triples.heads[triple] : block.drawn[1][n];
                    int t = side == 0 ? block.drawn[0][n] : triples.tails[triple];
                    double sn = score(model, h, r, t, entities, row, d, step);
                    double part = settings.logistic() ? softplus(settings.margin() + sn) : Math.max(0, settings.margin() + sn - s);
                    loss += 0.5 * weights[triple] * shares[2 * i + side][n] * part;
                }
            }
        }
        return loss;
    }

    /** Score with `step` added to coordinate `d` of a row of the entities or the relations. */
    private static double score(Model model, int h, int r, int t, Boolean entities, int row, int d, double step) {
        double sum = 0;
        for (int i = 0; i < DIMENSION; i++) {
            double moved = entities == null || i != d ? 0 : step;
            double x = model.entities()[h][i] + (Boolean.TRUE.equals(entities) && h == row ? moved : 0);
            double y = model.relations()[r][i] + (Boolean.FALSE.equals(entities) && r == row ? moved : 0);
            double z = model.entities()[t][i] + (Boolean.TRUE.equals(entities) && t == row ? moved : 0);
            sum += switch (model.score()) {
                case TRANSE_L1 -> Math.abs(x + y - z);
                case TRANSE_L2 -> (x + y - z) * (x + y - z);
                case DISTMULT -> x * y * z;
            };
        }
        return switch (model.score()) {
            case TRANSE_L1 -> -sum;
            case TRANSE_L2 -> -Math.sqrt(sum);
            case DISTMULT -> sum;
        };
    }

    private static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }
}
