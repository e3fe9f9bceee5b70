// Return the recommendations written for a user, best first, with the most attended movies and the last rating.
// params: userId, modelId, k
// Without a model id: the promoted model, else the one that predicted last.
MATCH (user:User {userId: $userId})
CALL (user) {
  OPTIONAL MATCH (user)-[rated:RATED]->(:Movie)
  RETURN max(rated.ratedAt) AS lastRatedAt
}
CALL (user) {
  MATCH (user)-[p:PREDICTED_RATING]->(:Movie)
  WHERE p.rank IS NOT NULL AND ($modelId IS NULL OR p.modelId = $modelId)
  OPTIONAL MATCH (run:ModelRun {id: p.modelId})
  RETURN p.modelId AS modelId
  ORDER BY coalesce(run.promoted, false) DESC, p.predictedAt DESC, modelId DESC
  LIMIT 1
}
MATCH (user)-[p:PREDICTED_RATING {modelId: modelId}]->(movie:Movie)
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
  p.rating AS predicted_rating,
  attention,
  modelId AS model_id,
  p.predictedAt AS predicted_at,
  lastRatedAt AS last_rated_at,
  EXISTS { (user)-[:RATED]->(movie) } AS rated_since
ORDER BY rank
