package kgrec.kge;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * Stochastic gradient descent by several threads that update shared rows without locks (Hogwild, Niu et al. 2011). The
 * negatives of a block depend only on seed, epoch and block number, so training with one thread is reproducible.
 */
final class Trainer {
    /** The loss is measured on every eighth block. */
    private static final int LOSS_EVERY = 8;

    private final Triples triples;
    private final Settings settings;
    private final Workers workers;
    private final Updates updates;
    private final float[] weights;
    private final int[] candidates;
    private final int[] order;
    private final List<Block> blocks = new ArrayList<>();
    /** Negatives whose gradient was applied, over all epochs. */
    final LongAdder pairs = new LongAdder();

    Trainer(Model model, Triples triples, Settings settings, Workers workers) {
        this.triples = triples;
        this.settings = settings;
        this.workers = workers;
        updates = new Updates(model, settings);
        weights = settings.frequencyWeighting() ? frequencyWeights(triples) : null;
        candidates = IntStream.range(0, model.entities().length).filter(i -> model.entities()[i] != null).toArray();
        order = IntStream.range(0, triples.size()).toArray();
        for (int thread = 0; thread < workers.threads(); thread++) {
            blocks.add(new Block(model, triples, settings, weights, candidates));
        }
    }

    /**
     * One pass over all triples.
     *
     * @return mean loss of a triple, over the blocks measured
     */
    double epoch(int epoch) {
        shuffle(new SplittableRandom(Model.Mix.seed(settings.seed(), 5, epoch)));
        int size = settings.blockSize();
        int count = (triples.size() + size - 1) / size;
        AtomicInteger next = new AtomicInteger();
        DoubleAdder loss = new DoubleAdder();
        LongAdder measured = new LongAdder();
        float rate = (float) rate(epoch);
        workers.run(thread -> {
            Block block = blocks.get(thread);
            for (int number = next.getAndIncrement(); number < count && !workers.stopped(); number = next.getAndIncrement()) {
                int from = number * size;
                int length = Math.min(size, triples.size() - from);
                block.draw(new SplittableRandom(Model.Mix.seed(settings.seed(), 6, (long) epoch << 32 | number)));
                block.measured = number % LOSS_EVERY == 0;
                block.gradients(order, from, length);
                updates.apply(block, triples, order, from, length, rate);
                pairs.add(block.pairs);
                workers.progress(length);
                if (block.measured) {
                    loss.add(block.loss);
                    measured.add(length);
                }
            }
        });
        return loss.sum() / measured.sum();
    }

    /** Learning rate of an epoch, falling linearly to the minimum. */
    private double rate(int epoch) {
        double done = settings.epochs() > 1 ? (double) epoch / (settings.epochs() - 1) : 0;
        return settings.learningRate() + (settings.minLearningRate() - settings.learningRate()) * done;
    }

    private void shuffle(SplittableRandom random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }

    /** Weights as in RotatE (after word2vec): 1 / sqrt(count(h, r) + count(r, t)), scaled to a mean of 1. */
    private static float[] frequencyWeights(Triples triples) {
        float[] weights = new float[triples.size()];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            int count = triples.count(triples.relations[i], triples.heads[i], true)
                + triples.count(triples.relations[i], triples.tails[i], false);
            weights[i] = (float) (1 / Math.sqrt(count));
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= (float) (weights.length / sum);
        }
        return weights;
    }
}
