package kgrec.kge;

import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import kgrec.Memory;

/** Result rows of the procedures; the public fields are the columns. */
public final class Results {
    private Results() {}

    /** Statistics of a training. */
    public static class Stats {
        public final long nodeCount;
        public final long relationshipCount;
        public final long relationshipTypeCount;
        public final long tripleCount;
        public final long nodesWithoutRelationships;
        public final long preProcessingMillis;
        public final long computeMillis;
        public final long ranEpochs;
        public final long bestEpoch;
        public final boolean didConverge;
        public final List<Double> losses;
        public final List<Map<String, Object>> validations;
        public final double triplesPerSecond;
        public final double pairsPerSecond;
        /** Implementation of the inner loops: `openblas` or `java`. */
        public final String kernels;
        public final Map<String, Object> configuration;

        Stats(Training training, TrainingConfiguration configuration) {
            nodeCount = training.projection().entityCount();
            relationshipCount = training.projection().relationshipCount();
            relationshipTypeCount = training.names().size();
            tripleCount = training.tripleCount();
            nodesWithoutRelationships = training.nodesWithoutRelationships();
            preProcessingMillis = training.preProcessingMillis;
            computeMillis = training.computeMillis;
            ranEpochs = training.losses.size();
            bestEpoch = training.bestEpoch;
            didConverge = training.stoppedEarly;
            losses = training.losses;
            validations = training.validations;
            triplesPerSecond = training.triplesPerSecond();
            pairsPerSecond = training.pairsPerSecond();
            kernels = training.kernels();
            this.configuration = configuration.effective();
        }
    }

    /** Statistics of a training, and counts of what was written. */
    public static final class Write extends Stats {
        public final long nodePropertiesWritten;
        public final long relationTypesWritten;
        public final long writeMillis;

        Write(Training training, TrainingConfiguration configuration, long nodes, long types, long millis) {
            super(training, configuration);
            nodePropertiesWritten = nodes;
            relationTypesWritten = types;
            writeMillis = millis;
        }
    }

    /** Vector of a node or of a relationship type; the other identifier is null. */
    public static final class Vector {
        public final Long nodeId;
        public final String relationshipType;
        public final List<Double> embedding;

        Vector(Long nodeId, String relationshipType, float[] vector) {
            this.nodeId = nodeId;
            this.relationshipType = relationshipType;
            embedding = new AbstractList<>() {
                @Override
                public Double get(int index) {
                    return (double) vector[index];
                }

                @Override
                public int size() {
                    return vector.length;
                }
            };
        }
    }

    /** Memory estimate of a training. */
    public static final class Estimate {
        public final String requiredMemory;
        public final long bytesMin;
        public final long bytesMax;
        public final long nodeCount;
        public final long relationshipCount;
        public final double heapPercentageMin;
        public final double heapPercentageMax;
        public final Map<String, Object> configuration;

        private Estimate(TrainingMemory memory, Projection projection, TrainingConfiguration configuration) {
            requiredMemory = memory.required();
            bytesMin = memory.least;
            bytesMax = memory.most;
            nodeCount = projection.entityCount();
            relationshipCount = projection.relationshipCount();
            heapPercentageMin = Memory.heapPercentage(memory.least);
            heapPercentageMax = Memory.heapPercentage(memory.most);
            this.configuration = configuration.effective();
        }

        static Estimate of(Caller caller, String graphName, TrainingConfiguration configuration) {
            Projection projection = new Projection(caller, graphName, configuration.texts("nodeLabels", List.of("*")),
                configuration.texts("relationshipTypes", List.of("*")));
            Settings settings = configuration.training();
            boolean validated = !configuration.text("validationGraph", "").isEmpty()
                | configuration.validationFraction() > 0;
            configuration.texts("nodeKeyProperties", List.of());
            configuration.flag("sudo", false);
            configuration.flag("logProgress", true);
            configuration.text("jobId", "");
            configuration.refuseUnknown();
            TrainingMemory memory = new TrainingMemory(projection.entityCount(), projection.relationshipCount(),
                projection.typeNames().size(), settings, validated);
            return new Estimate(memory, projection, configuration);
        }
    }

    /** Ranking metrics over both sides. */
    public static final class Evaluated {
        public final long nodeCount;
        public final long tripleCount;
        public final long unseenTripleCount;
        public final double mrr;
        public final double mr;
        public final double hitsAt1;
        public final double hitsAt3;
        public final double hitsAt10;
        public final List<Map<String, Object>> byRelationshipType;
        public final Map<String, Object> leaks;
        public final long computeMillis;
        public final Map<String, Object> configuration;

        Evaluated(Evaluation evaluation, TrainingConfiguration configuration) {
            Metrics metrics = Metrics.of(evaluation.ranks);
            nodeCount = evaluation.projection.entityCount();
            tripleCount = evaluation.test.size();
            unseenTripleCount = evaluation.unseen();
            mrr = metrics.mrr();
            mr = metrics.mr();
            hitsAt1 = metrics.hits(1);
            hitsAt3 = metrics.hits(3);
            hitsAt10 = metrics.hits(10);
            byRelationshipType = evaluation.byType();
            leaks = evaluation.leaks();
            computeMillis = evaluation.computeMillis;
            this.configuration = configuration.effective();
        }
    }

    /** Filtered ranks of one triple. */
    public static final class Rank {
        public final long sourceNodeId;
        public final String relationshipType;
        public final long targetNodeId;
        public final double headRank;
        public final double tailRank;

        Rank(Evaluation evaluation, int triple) {
            sourceNodeId = evaluation.projection.nodeId(evaluation.test.heads[triple]);
            relationshipType = evaluation.names.get(evaluation.test.relations[triple]);
            targetNodeId = evaluation.projection.nodeId(evaluation.test.tails[triple]);
            headRank = evaluation.ranks[0][triple];
            tailRank = evaluation.ranks[1][triple];
        }
    }
}
