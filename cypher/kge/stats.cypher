// Train on a projection without writing, to time it.
// params: name, configuration
CALL kgrec.kge.stats($name, $configuration)
YIELD ranEpochs, losses, validations, triplesPerSecond, pairsPerSecond, kernels
RETURN ranEpochs, losses, validations, triplesPerSecond, pairsPerSecond, kernels
