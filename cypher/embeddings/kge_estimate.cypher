// Memory that training on a projection needs at least.
// params: name, configuration
CALL kgrec.kge.estimate($name, $configuration)
YIELD bytesMin
RETURN bytesMin
