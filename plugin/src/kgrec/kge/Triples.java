package kgrec.kge;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Distinct triples over dense entity and relation numbers, ordered by relation, head, tail; with the tails of a head and
 * the heads of a tail, by relation, as sorted pairs.
 */
final class Triples {
    final int[] heads;
    final int[] relations;
    final int[] tails;
    /** byHead[relation]: head << 32 | tail, sorted; byTail[relation]: tail << 32 | head, sorted. */
    private final long[][] byHead;
    private final long[][] byTail;

    /** Builds triples from pairs head << 32 | tail by relation, in any order; parallel relationships count once. */
    Triples(long[][] pairs) {
        byHead = new long[pairs.length][];
        byTail = new long[pairs.length][];
        long size = 0;
        for (int relation = 0; relation < pairs.length; relation++) {
            long[] sorted = pairs[relation].clone();
            Arrays.sort(sorted);
            byHead[relation] = distinct(sorted);
            long[] turned = byHead[relation].clone();
            for (int i = 0; i < turned.length; i++) {
                turned[i] = Long.rotateLeft(turned[i], 32);
            }
            Arrays.sort(turned);
            byTail[relation] = turned;
            size += turned.length;
        }
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("The graph holds " + size + " distinct triples, but at most 2^31 can be trained on.");
        }
        heads = new int[(int) size];
        relations = new int[(int) size];
        tails = new int[(int) size];
        int next = 0;
        for (int relation = 0; relation < pairs.length; relation++) {
            for (long pair : byHead[relation]) {
                heads[next] = (int) (pair >>> 32);
                relations[next] = relation;
                tails[next++] = (int) pair;
            }
        }
    }

    private static long[] distinct(long[] sorted) {
        int kept = 0;
        for (int i = 0; i < sorted.length; i++) {
            if (i == 0 || sorted[i] != sorted[i - 1]) {
                sorted[kept++] = sorted[i];
            }
        }
        return Arrays.copyOf(sorted, kept);
    }

    int size() {
        return heads.length;
    }

    int relationCount() {
        return byHead.length;
    }

    boolean contains(int head, int relation, int tail) {
        return relation < byHead.length && Arrays.binarySearch(byHead[relation], pair(head, tail)) >= 0;
    }

    /** Sorted pairs known << 32 | other: tails of a head if `tailSide`, else heads of a tail. */
    long[] pairs(int relation, boolean tailSide) {
        return relation < byHead.length ? (tailSide ? byHead : byTail)[relation] : new long[0];
    }

    /** First index in {@link #pairs} whose known entity is at least `known`. */
    static int start(long[] pairs, int known) {
        int low = 0;
        int high = pairs.length;
        long wanted = pair(known, 0);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (pairs[middle] < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    int count(int relation, int known, boolean tailSide) {
        long[] pairs = pairs(relation, tailSide);
        return start(pairs, known + 1) - start(pairs, known);
    }

    static long pair(int first, int second) {
        return ((long) first << 32) | second;
    }

    boolean[] seen(int entities) {
        boolean[] seen = new boolean[entities];
        for (int i = 0; i < size(); i++) {
            seen[heads[i]] = true;
            seen[tails[i]] = true;
        }
        return seen;
    }

    /** Number of triples that `other` contains too. */
    int overlap(Triples other) {
        int count = 0;
        for (int i = 0; i < size(); i++) {
            count += other.contains(heads[i], relations[i], tails[i]) ? 1 : 0;
        }
        return count;
    }

    /**
     * Holds out about `fraction` of the triples, never the last one of an entity or a relation.
     *
     * @return the triples to train on, and those held out
     */
    Triples[] holdOut(double fraction, int entities, long seed) {
        int[] uses = new int[entities];
        int[] relationUses = new int[relationCount()];
        for (int i = 0; i < size(); i++) {
            uses[heads[i]]++;
            uses[tails[i]]++;
            relationUses[relations[i]]++;
        }
        SplittableRandom random = new SplittableRandom(Model.Mix.seed(seed, 3, 0));
        boolean[] out = new boolean[size()];
        for (int i = 0; i < size(); i++) {
            int h = heads[i];
            int t = tails[i];
            int needed = h == t ? 3 : 2;
            boolean drawn = random.nextDouble() < fraction;
            if (drawn && uses[h] >= needed && uses[t] >= needed && relationUses[relations[i]] > 1) {
                out[i] = true;
                uses[h]--;
                uses[t]--;
                relationUses[relations[i]]--;
            }
        }
        return new Triples[] {filtered(out, false), filtered(out, true)};
    }

    /** A random sample of at most `most` triples. */
    Triples sample(int most, long seed) {
        if (size() <= most) {
            return this;
        }
        SplittableRandom random = new SplittableRandom(Model.Mix.seed(seed, 4, 0));
        boolean[] chosen = new boolean[size()];
        for (int left = most; left > 0;) {
            int i = random.nextInt(size());
            if (!chosen[i]) {
                chosen[i] = true;
                left--;
            }
        }
        return filtered(chosen, true);
    }

    private Triples filtered(boolean[] marks, boolean wanted) {
        long[][] pairs = new long[relationCount()][];
        int next = 0;
        for (int relation = 0; relation < pairs.length; relation++) {
            long[] all = byHead[relation];
            long[] kept = new long[all.length];
            int count = 0;
            for (long pair : all) {
                if (marks[next++] == wanted) {
                    kept[count++] = pair;
                }
            }
            pairs[relation] = Arrays.copyOf(kept, count);
        }
        return new Triples(pairs);
    }
}
