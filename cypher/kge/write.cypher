// Train on a projection and write the vectors to entities and RelationType nodes.
// params: name, configuration
CALL kgrec.kge.write($name, $configuration)
YIELD nodePropertiesWritten, tripleCount, computeMillis, writeMillis, ranEpochs, bestEpoch, losses, validations,
      triplesPerSecond, pairsPerSecond, kernels
RETURN nodePropertiesWritten, tripleCount, computeMillis, writeMillis, ranEpochs, bestEpoch, losses, validations,
       triplesPerSecond, pairsPerSecond, kernels
