// Return the attention of a user's written recommendations, best first, with the titles of the attended movies.
// params: userId, modelId, k
// Without a model id: the promoted model, else the one that predicted last.
MATCH (user:User {userId: $userId})
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
RETURN
  p.rank AS rank,
  coalesce(movie.title, movie.tconst) AS title,
  p.rating AS rating,
  COLLECT {
    UNWIND p.attentionMovies AS tconst
    MATCH (attended:Movie {tconst: tconst})
    RETURN coalesce(attended.title, attended.tconst)
  } AS attended,
  p.attentionWeights AS weights
ORDER BY rank
