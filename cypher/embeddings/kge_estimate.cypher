// Estimate the memory that training on a projection takes.
// params: name, configuration
CALL kgrec.kge.estimate($name, $configuration)
YIELD requiredMemory, bytesMin, heapPercentageMin
RETURN requiredMemory, bytesMin, heapPercentageMin
