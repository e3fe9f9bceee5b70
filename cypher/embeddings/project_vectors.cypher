// Project relationships between nodes that have a vector, with the vectors, for gds.ml.kge.predict.
// params: name, property, types
MATCH (source:Movie|Person)-[relationship:ACTED_IN|DIRECTED|WROTE|HAS_GENRE]->(target:Movie|Genre)
WHERE type(relationship) IN $types AND source[$property] IS NOT NULL AND target[$property] IS NOT NULL
RETURN gds.graph.project($name, source, target, {
    sourceNodeLabels: labels(source),
    targetNodeLabels: labels(target),
    sourceNodeProperties: {vector: source[$property]},
    targetNodeProperties: {vector: target[$property]},
    relationshipType: type(relationship)
  })
