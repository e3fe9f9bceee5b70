package kgrec.kge;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kgrec.Memory;

/** Filtered ranking of the triples of a test projection by the vectors on the nodes. */
final class Evaluation {
    final Projection projection;
    final List<String> names;
    final Triples test;
    private final Triples train;
    private final Model model;
    final double[][] ranks;
    final long computeMillis;

    Evaluation(Call call, String graphName, TrainingConfiguration configuration) {
        List<String> labels = configuration.texts("nodeLabels", List.of("*"));
        List<String> types = configuration.texts("relationshipTypes", List.of("*"));
        Score score = configuration.score();
        String property = configuration.text("nodeProperty", score.translates() ? "transE" : "distMult");
        String label = configuration.text("relationTypeLabel", "RelationType");
        String key = configuration.text("relationTypeProperty", "name");
        String testGraph = configuration.mandatory("testGraph");
        List<String> filterGraphs = configuration.texts("filterGraphs", List.of());
        int concurrency = configuration.concurrency();
        configuration.refuseUnknown();
        long start = System.nanoTime();
        projection = new Projection(call.caller(), graphName, labels, types);
        Projection tests = new Projection(call.caller(), testGraph, labels, types);
        List<Projection> filters = filterGraphs.stream()
            .map(name -> new Projection(call.caller(), name, labels, List.of("*"))).toList();
        long relationships = Memory.sum(projection.relationshipCount(), tests.relationshipCount(),
            filters.stream().mapToLong(Projection::relationshipCount).sum());
        long triples = Memory.product(relationships, TrainingMemory.TRIPLE_BYTES);
        refuseIfTooMuch(triples);
        names = new ArrayList<>(projection.typeNames());
        List<Projection> others = new ArrayList<>(filters);
        others.add(tests);
        others.forEach(other -> other.typeNames().stream().filter(name -> !names.contains(name)).forEach(names::add));
        train = projection.triples(projection, names);
        test = tests.triples(projection, names);
        if (test.size() == 0) {
            throw new IllegalArgumentException("Graph `" + testGraph + "` has no relationships to rank. Project the "
                + "test triples into it.");
        }
        List<Triples> known = new ArrayList<>(List.of(train, test));
        filters.forEach(filter -> known.add(filter.triples(projection, names)));
        model = call.vectors().read(score, projection, names, label, key, property, dimension -> refuseIfTooMuch(
            Memory.sum(Memory.product(projection.entityCount(), TrainingMemory.rowBytes(dimension)),
                Memory.product(concurrency, TrainingMemory.rankingBytes(dimension)))));
        try (Progress progress = call.progress("Knowledge-graph ranking", 2L * test.size());
                Workers workers = new Workers(concurrency, call::check, progress::add)) {
            ranks = new Ranking(model, known).ranks(test, workers);
            progress.finish();
        }
        computeMillis = Training.millisSince(start);
    }

    private static void refuseIfTooMuch(long bytes) {
        Memory.refuseIfTooMuch(bytes, false, "Rank fewer triples at a time, or give the server more heap.");
    }

    /** Number of triples in which an entity or the type has no vector. */
    long unseen() {
        long count = 0;
        for (int i = 0; i < test.size(); i++) {
            boolean lacks = model.entities()[test.heads[i]] == null || model.entities()[test.tails[i]] == null
                || model.relations()[test.relations[i]] == null;
            count += lacks ? 1 : 0;
        }
        return count;
    }

    List<Map<String, Object>> byType() {
        Metrics[] metrics = new Metrics[names.size()];
        for (int i = 0; i < test.size(); i++) {
            int relation = test.relations[i];
            metrics[relation] = metrics[relation] == null ? new Metrics() : metrics[relation];
            metrics[relation].add(ranks[0][i]);
            metrics[relation].add(ranks[1][i]);
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int relation = 0; relation < metrics.length; relation++) {
            if (metrics[relation] != null) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("relationshipType", names.get(relation));
                row.put("tripleCount", metrics[relation].count() / 2);
                row.putAll(metrics[relation].map());
                rows.add(row);
            }
        }
        return rows;
    }

    Map<String, Object> leaks() {
        return new Leaks(train, test, names).map();
    }
}
