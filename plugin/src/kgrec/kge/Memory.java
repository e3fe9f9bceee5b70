package kgrec.kge;

/** Estimate of the heap that a training needs. */
final class Memory {
    private static final int ROW_HEADER = 24;

    final long least;
    final long most;

    /** @param validated whether the training validates, and so keeps a copy of the best vectors */
    Memory(long entities, long triples, long relations, Settings settings, boolean validated) {
        long row = 4L * settings.dimension() + ROW_HEADER;
        long rows = entities + relations;
        int states = settings.adam() ? 3 : 2;
        // heads, relations, tails, order, and both sorted pairs, which reading and splitting keep twice
        long graph = triples * (16 + 2 * 16 + (settings.frequencyWeighting() ? 4 : 0));
        long n = settings.negatives();
        long d = settings.dimension();
        // gradients and rows (or columns) of the negatives and of the block's triples, with scores and slopes
        long block = 4 * (5 * n * d + settings.blockSize() * (8 * d + 3 * n));
        // ranking: a chunk of candidates by dimensions in doubles, and two rows for each query
        long ranking = validated ? 8 * (256 * d + 64 * d) : 0;
        long work = settings.concurrency() * (block + ranking);
        least = row * rows * states + graph + work;
        most = least + (validated ? row * rows + triples * 24 : 0) + triples * 16;
    }

    void refuseIfTooMuch(boolean sudo) {
        Runtime runtime = Runtime.getRuntime();
        long free = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
        if (least > free && !sudo) {
            throw new IllegalStateException("Procedure was blocked since minimum estimated memory (" + readable(least)
                + ") exceeds current free memory (" + readable(free) + "). Lower `embeddingDimension`, give the server more "
                + "heap, or set `sudo: true`.");
        }
    }

    String required() {
        return least == most ? readable(least) : "[" + readable(least) + " ... " + readable(most) + "]";
    }

    static double percentage(long bytes) {
        return Math.round(1000.0 * bytes / Runtime.getRuntime().maxMemory()) / 10.0;
    }

    static String readable(long bytes) {
        String[] units = {"Bytes", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return Math.round(value) + " " + units[unit];
    }
}
