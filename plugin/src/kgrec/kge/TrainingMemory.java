package kgrec.kge;

import static kgrec.Memory.product;
import static kgrec.Memory.sum;

import kgrec.Memory;

/** Estimate of the heap that a training needs. */
final class TrainingMemory {
    /** Head, relation, tail, order, and both sorted pairs, which reading and splitting keep twice. */
    static final int TRIPLE_BYTES = 16 + 2 * 16;
    private static final int ROW_HEADER = 24;

    final long least;
    final long most;

    /** @param validated whether the training validates, and so keeps a copy of the best vectors */
    TrainingMemory(long entities, long triples, long relations, Settings settings, boolean validated) {
        long n = settings.negatives();
        long d = settings.dimension();
        long rows = product(rowBytes(d), sum(entities, relations));
        int states = settings.adam() ? 3 : 2;
        long graph = product(triples, TRIPLE_BYTES + (settings.frequencyWeighting() ? 4 : 0));
        // gradients and rows (or columns) of the negatives and of the block's triples, with scores and slopes
        long block = product(4, sum(product(5, n, d), product(settings.blockSize(), sum(product(8, d), product(3, n)))));
        long work = product(settings.concurrency(), sum(block, validated ? rankingBytes(d) : 0));
        least = sum(product(rows, states), graph, work);
        most = sum(least, validated ? sum(rows, product(triples, 24)) : 0, product(triples, 16));
    }

    static long rowBytes(long dimension) {
        return sum(product(4, dimension), ROW_HEADER);
    }

    /** A thread's chunk of candidates by dimensions in doubles, and two rows for each query. */
    static long rankingBytes(long dimension) {
        return product(8, 256 + 64, dimension);
    }

    void refuseIfTooMuch(boolean sudo) {
        Memory.refuseIfTooMuch(least, sudo, sudo
            ? "Lower `embeddingDimension` or `negativeSamplingRate`, or give the server more heap."
            : "Lower `embeddingDimension` or `negativeSamplingRate`, give the server more heap, or set `sudo: true`.");
    }

    String required() {
        return least == most ? Memory.readable(least) : "[" + Memory.readable(least) + " ... " + Memory.readable(most) + "]";
    }
}
