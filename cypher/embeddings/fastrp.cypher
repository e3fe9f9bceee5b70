// FastRP vectors of a projection, as a property of its nodes.
// params: name, configuration
CALL gds.fastRP.mutate.estimate($name, $configuration) YIELD bytesMin
CALL gds.fastRP.mutate($name, $configuration) YIELD computeMillis
RETURN bytesMin, computeMillis, {} AS metrics
