package kgrec.kge;

import java.util.LinkedHashMap;
import java.util.Map;

/** Ranking metrics, by sums over ranks. */
final class Metrics {
    private long count;
    private double reciprocals;
    private double sum;
    private final long[] hits = new long[3];
    private static final int[] CUT_OFFS = {1, 3, 10};

    /** Metrics of all ranks of both sides. */
    static Metrics of(double[][] ranks) {
        Metrics metrics = new Metrics();
        for (double[] side : ranks) {
            for (double rank : side) {
                metrics.add(rank);
            }
        }
        return metrics;
    }

    void add(double rank) {
        count++;
        reciprocals += 1 / rank;
        sum += rank;
        for (int i = 0; i < CUT_OFFS.length; i++) {
            hits[i] += rank <= CUT_OFFS[i] ? 1 : 0;
        }
    }

    long count() {
        return count;
    }

    double mrr() {
        return reciprocals / count;
    }

    double mr() {
        return sum / count;
    }

    /** Share of ranks of at most 1, 3 or 10. */
    double hits(int cutOff) {
        return hits[cutOff == 1 ? 0 : cutOff == 3 ? 1 : 2] / (double) count;
    }

    Map<String, Object> map() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("mrr", mrr());
        map.put("mr", mr());
        map.put("hitsAt1", hits(1));
        map.put("hitsAt3", hits(3));
        map.put("hitsAt10", hits(10));
        return map;
    }
}
