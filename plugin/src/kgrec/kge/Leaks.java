package kgrec.kge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Test triples that the training graph gives away: the triple itself, or its inverse under some relation. */
final class Leaks {
    /** A relation is reported if at least this share of its triples has an inverse in another relation or itself. */
    private static final double REPORTED_SHARE = 0.5;

    private final Triples train;
    private final List<String> names;
    /** Pairs head << 32 | tail of the training triples, sorted, and their relations. */
    private final long[] pairs;
    private final int[] relations;
    private final long inTraining;
    private long inverseInTraining;

    Leaks(Triples train, Triples test, List<String> names) {
        this.train = train;
        this.names = names;
        Integer[] order = new Integer[train.size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Long.compare(Triples.pair(train.heads[a], train.tails[a]),
            Triples.pair(train.heads[b], train.tails[b])));
        pairs = Arrays.stream(order).mapToLong(i -> Triples.pair(train.heads[i], train.tails[i])).toArray();
        relations = Arrays.stream(order).mapToInt(i -> train.relations[i]).toArray();
        inTraining = test.overlap(train);
        for (int i = 0; i < test.size(); i++) {
            inverseInTraining += Arrays.binarySearch(pairs, Triples.pair(test.tails[i], test.heads[i])) >= 0 ? 1 : 0;
        }
    }

    Map<String, Object> map() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("testTriplesInTraining", inTraining);
        map.put("inverseTriplesInTraining", inverseInTraining);
        map.put("inverseRelations", inverseRelations());
        return map;
    }

    private List<Map<String, Object>> inverseRelations() {
        List<Map<String, Object>> rows = new ArrayList<>();
        int[] inverted = new int[names.size()];
        for (int relation = 0; relation < names.size(); relation++) {
            long[] own = train.pairs(relation, true);
            Arrays.fill(inverted, 0);
            for (long pair : own) {
                long turned = Long.rotateLeft(pair, 32);
                for (int at = first(turned); at < pairs.length && pairs[at] == turned; at++) {
                    inverted[relations[at]]++;
                }
            }
            for (int other = 0; other < inverted.length; other++) {
                double share = own.length == 0 ? 0 : inverted[other] / (double) own.length;
                if (share >= REPORTED_SHARE) {
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("relationshipType", names.get(relation));
                    row.put("inverse", names.get(other));
                    row.put("share", share);
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    private int first(long pair) {
        int low = 0;
        int high = pairs.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (pairs[middle] < pair) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
