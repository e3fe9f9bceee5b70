// Find the movies nearest to one through the vector index; the score is the cosine, scaled to 0-1.
// params: tconst, property, index, k
MATCH (movie:Movie {tconst: $tconst})
CALL db.index.vector.queryNodes($index, $k + 1, movie[$property]) YIELD node, score
WHERE node <> movie
RETURN node.tconst AS tconst, node.title AS title, node.year AS year, score,
  [(movie)-[:HAS_GENRE]->(genre)<-[:HAS_GENRE]-(node) | genre.name] AS shared_genres,
  [(movie)<-[:DIRECTED|ACTED_IN|WROTE]-(person)-[:DIRECTED|ACTED_IN|WROTE]->(node) | coalesce(person.name, person.nconst)] AS shared_people
ORDER BY score DESC, tconst
LIMIT $k
