// Train TransE or DistMult on a projection and write the vectors to nodes and relationship types.
// params: name, configuration
CALL kgrec.kge.write($name, $configuration)
YIELD nodePropertiesWritten, relationTypesWritten, computeMillis, writeMillis, ranEpochs, bestEpoch, didConverge,
      losses, validations, triplesPerSecond
RETURN nodePropertiesWritten, relationTypesWritten, computeMillis, writeMillis, ranEpochs, bestEpoch, didConverge,
       losses, validations, triplesPerSecond
