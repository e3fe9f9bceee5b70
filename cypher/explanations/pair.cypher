// Return what the graph holds about a user and a movie: prediction, rating, and whether the prediction knows all ratings.
// params: userId, tconst, modelId
// Without a model id: the promoted model, else the one that predicted last.
OPTIONAL MATCH (user:User {userId: $userId})
OPTIONAL MATCH (movie:Movie {tconst: $tconst})
CALL (user) {
  OPTIONAL MATCH (user)-[any:RATED]->(:Movie)
  RETURN max(any.ratedAt) AS lastRatedAt, toString(count(any)) + ' ' + toString(sum(toInteger(floor(any.rating * 1000 + 0.5)))) + ' ' + toString(sum(any.ratedAt)) AS history
}
OPTIONAL MATCH (user)-[rated:RATED]->(movie)
CALL (user, movie) {
  OPTIONAL MATCH (user)-[p:PREDICTED_RATING]->(movie)
  WHERE $modelId IS NULL OR p.modelId = $modelId
  OPTIONAL MATCH (run:ModelRun {id: p.modelId})
  RETURN p
  ORDER BY coalesce(run.promoted, false) DESC, p.predictedAt DESC, p.modelId DESC
  LIMIT 1
}
RETURN
  user IS NOT NULL AS user_found,
  movie.title AS title,
  movie.year AS year,
  coalesce(p.history = history, lastRatedAt IS NULL OR lastRatedAt < p.predictedAt) AS current,
  rated.ratedAt AS rated_at,
  rated.rating AS rated,
  p.modelId AS model_id,
  p.rating AS rating,
  p.rank AS rank,
  p.predictedAt AS predicted_at,
  p.attentionMovies AS attention_movies,
  p.attentionWeights AS attention_weights
