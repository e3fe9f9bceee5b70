// The recommendations written for a user, best first, with the movies that drew most attention, and how fresh they are.
// params: userId, modelId, k
MATCH (user:User {userId: $userId})
CALL (user) {
  OPTIONAL MATCH (user)-[rated:RATED]->(:Movie)
  RETURN max(rated.ratedAt) AS lastRatedAt
}
MATCH (user)-[p:PREDICTED_RATING {modelId: $modelId}]->(movie:Movie)
WHERE p.rank <= $k
CALL (p) {
  UNWIND range(0, size(p.attentionMovies) - 1) AS i
  MATCH (attended:Movie {tconst: p.attentionMovies[i]})
  WITH attended, p.attentionWeights[i] AS weight
  ORDER BY weight DESC
  LIMIT 3
  RETURN collect({tconst: attended.tconst, title: attended.title, weight: weight}) AS attention
}
RETURN
  p.rank AS rank,
  movie.tconst AS tconst,
  movie.title AS title,
  movie.year AS year,
  p.rating AS predictedRating,
  attention,
  p.predictedAt AS predictedAt,
  lastRatedAt,
  EXISTS { (user)-[:RATED]->(movie) } AS alreadyRated
ORDER BY rank
