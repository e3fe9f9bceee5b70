// Train on a projection without writing, to time it.
// params: name, configuration
CALL kgrec.kge.stats($name, $configuration)
YIELD ranEpochs, losses, triplesPerSecond, pairsPerSecond
RETURN ranEpochs, losses, triplesPerSecond, pairsPerSecond
