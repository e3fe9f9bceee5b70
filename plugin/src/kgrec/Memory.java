package kgrec;

/** Estimates of heap, in arithmetic that ends at the largest long instead of overflowing. */
public final class Memory {
    private Memory() {}

    public static long product(long... factors) {
        try {
            long product = 1;
            for (long factor : factors) {
                product = Math.multiplyExact(product, factor);
            }
            return product;
        } catch (ArithmeticException tooLarge) {
            return Long.MAX_VALUE;
        }
    }

    public static long sum(long... terms) {
        try {
            long sum = 0;
            for (long term : terms) {
                sum = Math.addExact(sum, term);
            }
            return sum;
        } catch (ArithmeticException tooLarge) {
            return Long.MAX_VALUE;
        }
    }

    /**
     * Refuses what does not fit into the free heap; with `sudo`, only what the whole heap could not hold.
     *
     * @param advice what the caller can do, a sentence
     */
    public static void refuseIfTooMuch(long bytes, boolean sudo, String advice) {
        Runtime runtime = Runtime.getRuntime();
        long free = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
        long limit = sudo ? runtime.maxMemory() : free;
        if (bytes > limit) {
            throw new IllegalStateException("Procedure was blocked since minimum estimated memory (" + readable(bytes)
                + ") exceeds " + (sudo ? "the heap (" : "current free memory (") + readable(limit) + "). " + advice);
        }
    }

    public static double heapPercentage(long bytes) {
        return Math.round(1000.0 * bytes / Runtime.getRuntime().maxMemory()) / 10.0;
    }

    public static String readable(long bytes) {
        String[] units = {"Bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return Math.round(value) + " " + units[unit];
    }
}
