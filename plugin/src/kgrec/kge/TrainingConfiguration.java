package kgrec.kge;

import java.util.Map;
import kgrec.Configuration;

/** Configuration of the training and evaluation of vectors. */
final class TrainingConfiguration extends Configuration {
    TrainingConfiguration(Map<String, Object> given) {
        super(given);
    }

    /** Scoring function and distance, common to training and evaluation. */
    Score score() {
        boolean transE = choice("scoringFunction", mandatory("scoringFunction"), "transe", "distmult").equals("transe");
        if (!transE) {
            if (gives("distance")) {
                throw new IllegalArgumentException("Unexpected configuration key: distance. It applies to `transe` only; "
                    + "remove it for `distmult`.");
            }
            derive("distance", null);
            return Score.DISTMULT;
        }
        return choice("distance", "l2", "l1", "l2").equals("l1") ? Score.TRANSE_L1 : Score.TRANSE_L2;
    }

    Settings training() {
        Score score = score();
        int dimension = integer("embeddingDimension", 128, 1, 4096, "vector indexes take no longer vectors");
        boolean logistic = choice("lossFunction", "logistic", "logistic", "margin").equals("logistic");
        double fallbackMargin = score.translates() ? 4 : logistic ? 0 : 1;
        double margin = number("margin", fallbackMargin, 0, 1000, false, "scores stay far below it");
        boolean adversarial = choice("negativeSampling", "selfAdversarial", "selfAdversarial", "uniform")
            .equals("selfAdversarial");
        int negatives = integer("negativeSamplingRate", 64, 1, 65_536, "the rows of a block's negatives are one array");
        double temperature = number("adversarialTemperature", score.translates() ? 2 : 1, 0, 1000, false,
            "the softmax is a maximum long before");
        double skip = number("negativeSkipThreshold", 0, 0, 1, false, "it is a share");
        boolean filter = flag("filterNegatives", false);
        boolean frequency = flag("frequencyWeighting", false);
        boolean adam = choice("optimizer", "adagrad", "adagrad", "adam").equals("adam");
        double rate = number("learningRate", adam ? 0.001 : defaultRate(score), 0, 1000, true,
            "larger steps leave the range of single precision");
        double minRate = number("minLearningRate", rate, 0, rate, false, "the rate falls from `learningRate` to it");
        double regularization = number("regularization", 0, 0, 1000, false, "nothing else is learned long before");
        int epochs = integer("epochs", 100, 1, 1_000_000, "the loss of each is returned");
        int block = integer("blockSize", 16, 1, 4096, "the scores of a block are one array");
        int interval = integer("validationInterval", 5, 1, 1_000_000, "there are no more epochs");
        int sample = integer("validationSampleSize", 2000, 0, Integer.MAX_VALUE - 8, "no graph has more triples");
        int patience = integer("patience", 3, 0, 1_000_000, "there are no more epochs");
        int concurrency = concurrency();
        Long seed = seed("randomSeed");
        return new Settings(score, dimension, logistic, (float) margin, adversarial, negatives, (float) temperature,
            (float) skip, filter, frequency, adam, rate, minRate, (float) regularization, epochs, block, interval, sample,
            patience, concurrency, seed == null ? System.nanoTime() : seed);
    }

    /** Adagrad's learning rate; docs/embeddings.md and, for L1, docs/kge.md have the measurements behind the defaults. */
    private static double defaultRate(Score score) {
        return switch (score) {
            case TRANSE_L1 -> 0.1;
            case TRANSE_L2 -> 1;
            case DISTMULT -> 0.3;
        };
    }

    int concurrency() {
        int most = Math.max(4, Runtime.getRuntime().availableProcessors());
        return integer("concurrency", 4, 1, most, "more threads than processors only wait");
    }

    /** Share of the triples to hold out. */
    double validationFraction() {
        return number("validationFraction", 0, 0, 0.5, false, "most triples must be left to train on");
    }
}
