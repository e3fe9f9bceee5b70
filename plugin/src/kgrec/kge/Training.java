package kgrec.kge;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One training: hold triples out, run the epochs, stop early, keep the best vectors. */
final class Training {
    private final Call call;
    private final Projection projection;
    private final Settings settings;
    private final List<String> names;
    private Triples all;
    private Triples train;
    private Triples held;
    Model model;
    final List<Double> losses = new ArrayList<>();
    final List<Map<String, Object>> validations = new ArrayList<>();
    int bestEpoch;
    boolean stoppedEarly;
    long pairs;
    long preProcessingMillis;
    long computeMillis;
    private double trainingSeconds;

    /** Reads the configuration and the graph. */
    Training(Call call, String graphName, TrainingConfiguration configuration) {
        long start = System.nanoTime();
        this.call = call;
        projection = new Projection(call.caller(), graphName, configuration.texts("nodeLabels", List.of("*")),
            configuration.texts("relationshipTypes", List.of("*")));
        names = projection.typeNames();
        settings = configuration.training();
        String validationGraph = configuration.text("validationGraph", "");
        double fraction = configuration.validationFraction();
        List<String> keys = configuration.texts("nodeKeyProperties", List.of());
        configuration.flag("sudo", false);
        configuration.flag("logProgress", true);
        configuration.text("jobId", call.job().asString());
        configuration.refuseUnknown();
        if (projection.relationshipCount() == 0) {
            throw new IllegalArgumentException("Graph `" + graphName + "` has no relationships to train on. Project some "
                + "with orientation NATURAL.");
        }
        new TrainingMemory(projection.entityCount(), projection.relationshipCount(), names.size(), settings,
            !validationGraph.isEmpty() || fraction > 0).refuseIfTooMuch((Boolean) configuration.effective().get("sudo"));
        if (!keys.isEmpty()) {
            projection.reorder(call.vectors().byKey(projection, keys));
        }
        split(configuration, graphName, validationGraph, fraction);
        preProcessingMillis = millisSince(start);
    }

    private void split(TrainingConfiguration configuration, String graphName, String validationGraph, double fraction) {
        all = projection.triples();
        train = all;
        if (!validationGraph.isEmpty() && fraction > 0) {
            throw new IllegalArgumentException("Give `validationGraph` or `validationFraction`, not both.");
        }
        if (!validationGraph.isEmpty()) {
            Projection other = new Projection(call.caller(), validationGraph, List.of("*"), List.of("*"));
            for (String type : other.typeNames()) {
                if (!names.contains(type)) {
                    throw new IllegalArgumentException("Relationship type `" + type + "` of graph `" + validationGraph
                        + "` is not in graph `" + graphName + "`, so it has no vector. Project the type into both graphs.");
                }
            }
            held = other.triples(projection, names);
            int leaked = held.overlap(train);
            if (leaked > 0) {
                throw new IllegalArgumentException(leaked + " of the " + held.size() + " triples of graph `" + validationGraph
                    + "` are also in graph `" + graphName + "`, which would make validation meaningless. Remove them "
                    + "from one of the graphs.");
            }
        } else if (fraction > 0) {
            Triples[] parts = all.holdOut(fraction, projection.entityCount(), settings.seed());
            train = parts[0];
            held = parts[1];
        }
        if (held != null && held.size() == 0) {
            held = null;
        }
    }

    Projection projection() {
        return projection;
    }

    List<String> names() {
        return names;
    }

    /** Distinct triples trained on. */
    int tripleCount() {
        return train.size();
    }

    double triplesPerSecond() {
        return trainingSeconds == 0 ? 0 : (double) train.size() * losses.size() / trainingSeconds;
    }

    double pairsPerSecond() {
        return trainingSeconds == 0 ? 0 : pairs / trainingSeconds;
    }

    String kernels() {
        return Pairs.byProducts(settings.score()) ? "openblas" : "java";
    }

    long nodesWithoutRelationships() {
        long count = 0;
        for (float[] row : model.entities()) {
            count += row == null ? 1 : 0;
        }
        return count;
    }

    /** Trains; {@link #model} then has the best vectors by validation, or the last ones if nothing is held out. */
    Training run() {
        long start = System.nanoTime();
        model = Model.random(settings.score(), settings.dimension(), train.seen(projection.entityCount()), names.size(),
            settings.margin(), settings.seed());
        String task = "Knowledge-graph embedding " + (settings.score().translates() ? "TransE" : "DistMult");
        try (Progress progress = call.progress(task, (long) train.size() * settings.epochs());
                Workers workers = new Workers(settings.concurrency(), call::check, progress::add);
                Workers validators = new Workers(settings.concurrency(), call::check, work -> {})) {
            epochs(new Trainer(model, train, settings, workers), validators, progress);
            progress.finish();
        }
        computeMillis = millisSince(start);
        return this;
    }

    private void epochs(Trainer trainer, Workers validators, Progress progress) {
        Triples sample = held == null ? null : settings.validationSampleSize() == 0 ? held
            : held.sample(settings.validationSampleSize(), settings.seed());
        Model best = null;
        double bestMrr = -1;
        int worse = 0;
        for (int epoch = 1; epoch <= settings.epochs() && !stoppedEarly; epoch++) {
            long start = System.nanoTime();
            losses.add(trainer.epoch(epoch - 1));
            trainingSeconds += (System.nanoTime() - start) / 1e9;
            bestEpoch = held == null ? epoch : bestEpoch;
            boolean last = epoch == settings.epochs();
            if (held != null && (epoch % settings.validationInterval() == 0 || last)) {
                double mrr = validate(epoch, sample, validators);
                worse = mrr > bestMrr ? 0 : worse + 1;
                if (mrr > bestMrr) {
                    bestMrr = mrr;
                    bestEpoch = epoch;
                    best = last ? null : model.copy();
                }
                stoppedEarly = !last && settings.patience() > 0 && worse >= settings.patience();
            }
            progress.log(message(epoch));
        }
        if (best != null) {
            model.restore(best);
        }
        pairs = trainer.pairs.sum();
    }

    private double validate(int epoch, Triples sample, Workers validators) {
        Metrics metrics = Metrics.of(new Ranking(model, List.of(all, held)).ranks(sample, validators));
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("epoch", (long) epoch);
        row.put("mrr", metrics.mrr());
        row.put("hitsAt10", metrics.hits(10));
        validations.add(row);
        return metrics.mrr();
    }

    private String message(int epoch) {
        String text = "epoch " + epoch + " of " + settings.epochs() + ", loss " + losses.get(losses.size() - 1);
        boolean validated = !validations.isEmpty() && validations.get(validations.size() - 1).get("epoch").equals((long) epoch);
        return validated ? text + ", validation MRR " + validations.get(validations.size() - 1).get("mrr") : text;
    }

    static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
