package kgrec.kge;

/** Settings of a training; {@link TrainingConfiguration} reads and checks them. */
record Settings(
        Score score,
        int dimension,
        boolean logistic,
        float margin,
        boolean selfAdversarial,
        int negatives,
        float temperature,
        float skipThreshold,
        boolean filterNegatives,
        boolean frequencyWeighting,
        boolean adam,
        double learningRate,
        double minLearningRate,
        float regularization,
        int epochs,
        int blockSize,
        int validationInterval,
        int validationSampleSize,
        int patience,
        int concurrency,
        long seed) {}
