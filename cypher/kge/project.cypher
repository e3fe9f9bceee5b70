// Project all entities and the triples of one split, each in its own direction.
// params: split
MATCH (n:Entity)
OPTIONAL MATCH (n)-[r {split: $split}]->(m:Entity)
RETURN gds.graph.project($split, n, m, {relationshipType: type(r)}) AS projected
