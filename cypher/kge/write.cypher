// Train on a projection and write the vectors; a type's vector goes to the node that has the type as `type`.
// params: name, configuration
CALL kgrec.kge.write($name, $configuration)
YIELD nodePropertiesWritten, tripleCount, computeMillis, writeMillis, ranEpochs, bestEpoch, losses, validations,
      triplesPerSecond, pairsPerSecond, kernels
RETURN nodePropertiesWritten, tripleCount, computeMillis, writeMillis, ranEpochs, bestEpoch, losses, validations,
       triplesPerSecond, pairsPerSecond, kernels
