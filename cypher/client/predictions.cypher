// Return the predictions in the graph with the ratings given, by user and model: recommendations by rank, then the others.
// params: users, modelId
// A null parameter selects all users or all models.
MATCH (user:User)
WHERE $users IS NULL OR user.userId IN $users
MATCH (user)-[p:PREDICTED_RATING]->(movie:Movie)
WHERE $modelId IS NULL OR p.modelId = $modelId
OPTIONAL MATCH (user)-[rated:RATED]->(movie)
RETURN
  user.userId AS user_id,
  movie.tconst AS tconst,
  movie.title AS title,
  p.rating AS predicted_rating,
  rated.rating AS rating,
  p.rank AS rank,
  p.attentionMovies AS attention_movies,
  p.attentionWeights AS attention_weights,
  p.modelId AS model_id,
  p.predictedAt AS predicted_at
ORDER BY user_id, model_id, rank, tconst
