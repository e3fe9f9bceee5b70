package kgrec.kge;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Filtered realistic ranks of triples on both sides: the mean of the optimistic and the pessimistic rank,
 * 1 + better candidates + other candidates with the same score / 2. Entities that form another known triple are left out.
 *
 * <p>Sums are computed in doubles and in index order, so that equal vectors tie exactly and ranks are the same in other
 * implementations. Entities without a vector tie behind all others; if the relation or the known entity has no vector,
 * all candidates tie.
 */
final class Ranking {
    /** Triples of a task, whose queries share each transposed chunk of candidates. */
    private static final int TRIPLES = 32;
    /** Candidates of a chunk: with 512 dimensions 1 MB of doubles, the size of a core's cache. */
    private static final int CANDIDATES = 256;

    private final Model model;
    private final List<Triples> known;
    private final int[] candidates;
    private final int withoutVector;

    /** @param known true triples: training, validation, test */
    Ranking(Model model, List<Triples> known) {
        this.model = model;
        this.known = known;
        int[] all = new int[model.entities().length];
        int count = 0;
        for (int i = 0; i < all.length; i++) {
            if (model.entities()[i] != null) {
                all[count++] = i;
            }
        }
        candidates = Arrays.copyOf(all, count);
        withoutVector = all.length - count;
    }

    /** Ranks by triple: [0] of heads, [1] of tails. */
    double[][] ranks(Triples test, Workers workers) {
        double[][] ranks = new double[2][test.size()];
        int tasks = (test.size() + TRIPLES - 1) / TRIPLES;
        AtomicInteger next = new AtomicInteger();
        workers.run(thread -> {
            Chunk chunk = new Chunk(model.dimension());
            for (int task = next.getAndIncrement(); task < 2 * tasks && !workers.stopped(); task = next.getAndIncrement()) {
                boolean tailSide = task % 2 == 1;
                int from = task / 2 * TRIPLES;
                int to = Math.min(test.size(), from + TRIPLES);
                chunk.rank(test, from, to, tailSide, ranks[task % 2], workers);
                workers.progress(to - from);
            }
        });
        return ranks;
    }

    /** One thread's workspace. */
    private final class Chunk {
        private final double[][] columns;
        private final double[][] sums = new double[TRIPLES][CANDIDATES];
        private final double[][] first;
        private final double[][] second;
        private final double[] expected = new double[TRIPLES];
        private final boolean[] rankable = new boolean[TRIPLES];
        private final int[] better = new int[TRIPLES];
        private final int[] equal = new int[TRIPLES];
        private final int dimension;

        Chunk(int dimension) {
            this.dimension = dimension;
            int even = dimension + dimension % 2; // dimensions are processed in twos; a missing one adds 0
            columns = new double[even][CANDIDATES];
            first = new double[TRIPLES][even];
            second = new double[TRIPLES][even];
        }

        void rank(Triples test, int from, int to, boolean tailSide, double[] ranks, Workers workers) {
            for (int i = from; i < to; i++) {
                prepare(test, i, i - from, tailSide);
            }
            for (int start = 0; start < candidates.length && !workers.stopped(); start += CANDIDATES) {
                int size = Math.min(CANDIDATES, candidates.length - start);
                load(start, size);
                score(to - from, size, tailSide);
                for (int i = from; i < to; i++) {
                    if (rankable[i - from]) {
                        count(i - from, size);
                    }
                }
            }
            for (int i = from; i < to; i++) {
                ranks[i] = finish(test, i, i - from, tailSide);
            }
        }

        private void prepare(Triples test, int triple, int q, boolean tailSide) {
            int known = tailSide ? test.heads[triple] : test.tails[triple];
            int answer = tailSide ? test.tails[triple] : test.heads[triple];
            float[] relation = model.relations()[test.relations[triple]];
            float[] vector = model.entities()[known];
            better[q] = 0;
            equal[q] = 0;
            rankable[q] = relation != null && vector != null && model.entities()[answer] != null;
            if (!rankable[q]) {
                return;
            }
            expected[q] = model.exactSum(test.heads[triple], test.relations[triple], test.tails[triple]);
            for (int d = 0; d < dimension; d++) {
                // Both sides compute (h + r) - t, or (h * r) * t, in this order.
                first[q][d] = tailSide ? combine(vector[d], relation[d]) : relation[d];
                second[q][d] = tailSide ? 0 : vector[d];
            }
        }

        private double combine(double known, double relation) {
            return model.score() == Score.DISTMULT ? known * relation : known + relation;
        }

        private void load(int start, int size) {
            for (int tile = 0; tile < dimension; tile += 32) {
                int end = Math.min(dimension, tile + 32);
                for (int i = 0; i < size; i++) {
                    float[] row = model.entities()[candidates[start + i]];
                    for (int d = tile; d < end; d++) {
                        columns[d][i] = row[d];
                    }
                }
            }
        }

        private void score(int queries, int size, boolean tailSide) {
            for (int q = 0; q < queries; q++) {
                Arrays.fill(sums[q], 0);
            }
            for (int d = 0; d < dimension; d += 2) {
                for (int q = 0; q < queries; q++) {
                    double[] one = first[q];
                    double[] two = second[q];
                    if (tailSide) {
                        Exact.tail(model.score(), sums[q], columns[d], columns[d + 1], one[d], one[d + 1], size);
                    } else {
                        Exact.head(model.score(), sums[q], columns[d], columns[d + 1], one[d], one[d + 1], two[d],
                            two[d + 1], size);
                    }
                }
            }
        }

        private void count(int q, int size) {
            double bound = expected[q];
            double[] row = sums[q];
            boolean smaller = model.score().translates();
            int ahead = 0;
            int ties = 0;
            for (int i = 0; i < size; i++) {
                ahead += (smaller ? row[i] < bound : row[i] > bound) ? 1 : 0;
                ties += row[i] == bound ? 1 : 0;
            }
            better[q] += ahead;
            equal[q] += ties;
        }

        /** The rank, after removing the answer itself and other known answers from the counts. */
        private double finish(Triples test, int triple, int q, boolean tailSide) {
            int relation = test.relations[triple];
            int fixed = tailSide ? test.heads[triple] : test.tails[triple];
            int answer = tailSide ? test.tails[triple] : test.heads[triple];
            int[] others = others(relation, fixed, answer, tailSide);
            int lacking = withoutVector;
            for (int other : others) {
                if (model.entities()[other] == null) {
                    lacking--;
                } else if (rankable[q]) {
                    double sum = tailSide ? model.exactSum(fixed, relation, other) : model.exactSum(other, relation, fixed);
                    better[q] -= (model.score().translates() ? sum < expected[q] : sum > expected[q]) ? 1 : 0;
                    equal[q] -= sum == expected[q] ? 1 : 0;
                }
            }
            if (rankable[q]) {
                return 1 + better[q] + (equal[q] - 1) / 2.0;
            }
            int all = model.entities().length - others.length;
            boolean allTie = model.relations()[relation] == null || model.entities()[fixed] == null;
            return allTie ? (1 + all) / 2.0 : 1 + (all - lacking) + (lacking - 1) / 2.0;
        }

        private int[] others(int relation, int fixed, int answer, boolean tailSide) {
            return known.stream().flatMapToInt(triples -> {
                long[] pairs = triples.pairs(relation, tailSide);
                int start = Triples.start(pairs, fixed);
                return Arrays.stream(pairs, start, Triples.start(pairs, fixed + 1)).mapToInt(pair -> (int) pair);
            }).filter(other -> other != answer).distinct().toArray();
        }
    }
}
