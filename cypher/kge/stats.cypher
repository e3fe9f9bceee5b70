// Train on a projection without writing, for timings.
// params: name, configuration
CALL kgrec.kge.stats($name, $configuration)
YIELD ranEpochs, losses, validations, triplesPerSecond, pairsPerSecond, kernels
RETURN ranEpochs, losses, validations, triplesPerSecond, pairsPerSecond, kernels
