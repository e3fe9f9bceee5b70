// Find the shortest meaningful paths from past movies to a movie, the largest score first.
// params: tconst, movies, weights, k
// The score of a path is the weight of its past movie times the rarity log(movies / movies of the entity) of what it
// shares with the predicted movie. Paths of four steps over another movie are used only if nothing is shared.
MATCH (target:Movie {tconst: $tconst})
CALL () {
  MATCH (movie:Movie)
  RETURN toFloat(count(movie)) AS movieCount
}
CALL (target) {
  MATCH (target)-[:DIRECTED|WROTE|ACTED_IN|HAS_GENRE]-(shared:Person|Genre)
  RETURN collect(DISTINCT shared) AS entities
}
CALL (target, movieCount, entities) {
  UNWIND range(0, size($movies) - 1) AS i
  MATCH (past:Movie {tconst: $movies[i]})
  WHERE past <> target
  UNWIND entities AS shared
  MATCH (past)-[there:DIRECTED|WROTE|ACTED_IN|HAS_GENRE]-(shared)
  MATCH (shared)-[back:DIRECTED|WROTE|ACTED_IN|HAS_GENRE]-(target)
  WITH target, movieCount, past, shared, $weights[i] AS weight, there, back
  // A person who directed and wrote both makes four paths; keep the one that reads best, with the same type if possible.
  ORDER BY
    CASE WHEN type(there) = type(back) THEN 0 ELSE 1 END,
    reduce(place = 0, kind IN [type(there), type(back)] |
      place + CASE kind WHEN 'DIRECTED' THEN 0 WHEN 'ACTED_IN' THEN 1 WHEN 'WROTE' THEN 2 ELSE 3 END)
  WITH target, movieCount, past, shared, weight, collect([there, back])[0] AS steps
  WITH *, COUNT { MATCH (shared)-[:DIRECTED|WROTE|ACTED_IN|HAS_GENRE]-(of:Movie) RETURN DISTINCT of } AS degree
  RETURN collect({
    nodes: [past, shared, target],
    steps: steps,
    score: weight * log(movieCount / degree)
  }) AS direct
}
CALL (target, movieCount, direct) {
  UNWIND CASE WHEN size(direct) = 0 THEN range(0, size($movies) - 1) ELSE [] END AS i
  MATCH (past:Movie {tconst: $movies[i]})
  WHERE past <> target
  MATCH path = SHORTEST 1 (past)-[:DIRECTED|WROTE|ACTED_IN|HAS_GENRE]-{3,4}(target)
  WITH path, $weights[i] AS weight, movieCount,
    [node IN nodes(path) WHERE node:Person OR node:Genre |
      log(movieCount / COUNT { MATCH (node)-[:DIRECTED|WROTE|ACTED_IN|HAS_GENRE]-(of:Movie) RETURN DISTINCT of })] AS rarities
  RETURN collect({
    nodes: nodes(path),
    steps: relationships(path),
    // A detour scores half of what its least rare step would score alone.
    score: weight * reduce(least = rarities[0], one IN rarities | CASE WHEN one < least THEN one ELSE least END) / 2
  }) AS detours
}
UNWIND direct + detours AS found
WITH found
ORDER BY found.score DESC, found.nodes[0].tconst, coalesce(found.nodes[1].nconst, found.nodes[1].name)
LIMIT $k
RETURN
  [node IN found.nodes | {
    label: CASE WHEN node:Movie THEN 'Movie' WHEN node:Person THEN 'Person' ELSE 'Genre' END,
    key: CASE WHEN node:Movie THEN node.tconst WHEN node:Person THEN node.nconst ELSE node.name END,
    name: CASE WHEN node:Movie THEN node.title ELSE node.name END
  }] AS nodes,
  [step IN found.steps | type(step)] AS relationships,
  found.score AS score
