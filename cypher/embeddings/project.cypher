// Project the relationships of the knowledge graph and, with a cut-off, earlier ratings; other nodes stay out.
// params: name, undirected, cutoff, relationshipWeight, heldOut, featureCount, alphabet
CALL () {
  // Nodes come first if they carry features made of their keys, so that each is computed once.
  WITH $featureCount AS featureCount WHERE featureCount > 0
  MATCH (source:Movie|Person|Genre|User)
  WHERE EXISTS { (source)-[:ACTED_IN|DIRECTED|WROTE|HAS_GENRE]-() }
     OR ($cutoff IS NOT NULL AND EXISTS { (source)-[rated:RATED]-() WHERE rated.ratedAt < $cutoff })
  WITH source, coalesce(source.tconst, source.nconst, source.userId, 'genre ' + source.name) AS key
  // A polynomial hash of the key, spread by cosines at frequencies that are not multiples of each other.
  WITH source, reduce(hash = 7, letter IN split(key, '') |
      (hash * 131 + size(split($alphabet, letter)[0]) + 1) % 2147483647) AS hash
  RETURN source, null AS target, null AS type, null AS weight,
         {feature: [j IN range(1, $featureCount) | cos(hash * (sqrt(2.0) + sqrt(1.0 * j * j + 1.0)))]} AS features
  UNION ALL
  MATCH (source:Movie|Person)-[relationship:ACTED_IN|DIRECTED|WROTE|HAS_GENRE]->(target:Movie|Genre)
  WHERE NOT elementId(relationship) IN $heldOut
  RETURN source, target, type(relationship) AS type, $relationshipWeight AS weight, {} AS features
  UNION ALL
  WITH $cutoff AS cutoff WHERE cutoff IS NOT NULL
  MATCH (source:User)-[rated:RATED]->(target:Movie)
  WHERE rated.ratedAt < cutoff
  RETURN source, target, type(rated) AS type, rated.rating AS weight, {} AS features
}
RETURN gds.graph.project($name, source, target, {
    sourceNodeLabels: labels(source),
    targetNodeLabels: labels(target),
    sourceNodeProperties: features,
    targetNodeProperties: null,
    relationshipType: type,
    relationshipProperties: {weight: weight}
  }, {undirectedRelationshipTypes: $undirected})
