// Project all entities and the given relationship types, replacing a projection of the same name.
// params: name, types
CALL gds.graph.drop($name, false) YIELD graphName
WITH count(graphName) AS dropped
CALL gds.graph.project($name, 'Entity', $types, {readConcurrency: 1}) // each thread buffers for each of 237 types
YIELD nodeCount, relationshipCount
RETURN nodeCount, relationshipCount
