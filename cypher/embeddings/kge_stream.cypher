// Train TransE or DistMult on a projection and return the vectors of nodes and relationship types.
// params: name, configuration
CALL kgrec.kge.stream($name, $configuration)
YIELD nodeId, relationshipType, embedding
RETURN nodeId, relationshipType, embedding
