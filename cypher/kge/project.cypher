// Project all entities and the given relationship types, each in its own direction, under the given names.
// params: name, types
CALL gds.graph.project($name, 'Entity', $types)
YIELD nodeCount, relationshipCount
RETURN nodeCount, relationshipCount
