// Train TransE or DistMult on a projection and return the vectors of nodes and relation types.
// params: name, configuration
CALL kgrec.kge.stream($name, $configuration)
YIELD nodeId, relationshipType, embedding
RETURN nodeId, relationshipType, embedding
