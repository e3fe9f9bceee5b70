// node2vec vectors of a projection, as a property of its nodes.
// params: name, configuration
CALL gds.node2vec.mutate.estimate($name, $configuration) YIELD bytesMin
CALL gds.node2vec.mutate($name, $configuration) YIELD computeMillis, lossPerIteration
RETURN bytesMin, computeMillis, {loss_per_iteration: lossPerIteration} AS metrics
