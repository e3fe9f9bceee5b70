package kgrec.kge;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Prints for each score and loss the number of pairs with a gradient without and with skipping, whether the gradient of
 * each negative is either unchanged or 0, and the share of all gradients that was skipped.
 */
public final class SkipCheck {
    private static final int NODES = 60;
    private static final int DIMENSION = 4;

    private SkipCheck() {}

    public static void main(String[] arguments) {
        for (Score score : Score.values()) {
            for (boolean logistic : new boolean[] {true, false}) {
                for (float temperature : new float[] {0, 2}) {
                    check(score, logistic, temperature, Float.parseFloat(arguments[0]));
                }
            }
        }
    }

    private static void check(Score score, boolean logistic, float temperature, float threshold) {
        Block all = block(score, logistic, temperature, 0);
        Block some = block(score, logistic, temperature, threshold);
        boolean same = true;
        double sum = 0;
        double gone = 0;
        for (int n = 0; n < NODES; n++) {
            float[] whole = all.toNegatives[0][n];
            float[] kept = some.toNegatives[0][n];
            same &= Arrays.equals(kept, whole) || Arrays.equals(kept, new float[DIMENSION]);
            double length = Math.sqrt(IntStream.range(0, DIMENSION).mapToDouble(d -> whole[d] * whole[d]).sum());
            sum += length;
            gone += Arrays.equals(kept, whole) ? 0 : length;
        }
        System.out.println(score + "," + (logistic ? "logistic" : "margin") + "," + temperature + " " + all.pairs + " "
            + some.pairs + " " + same + " " + gone / sum);
    }

    private static Block block(Score score, boolean logistic, float temperature, float threshold) {
        Settings settings = new Settings(score, DIMENSION, logistic, 1.5f, temperature > 0, NODES, temperature, threshold,
            false, false, false, 0.1, 0.1, 0f, 1, 1, 1, 0, 0, 1, 5L);
        Triples triples = new Triples(new long[][] {{Triples.pair(0, 1)}});
        boolean[] seen = new boolean[NODES];
        Arrays.fill(seen, true);
        Model model = Model.random(score, DIMENSION, seen, 1, 20, 11); // far apart, so that there are easy negatives
        Block block = new Block(model, triples, settings, null, IntStream.range(0, NODES).toArray());
        block.draw(new SplittableRandom(3));
        block.gradients(new int[] {0}, 0, 1);
        return block;
    }
}
