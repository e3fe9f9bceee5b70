// The predictions in the graph, with what the user gave the movie, by user: recommendations by rank, then the others.
// params: users, modelId
// Without users: of all. Without a model id: of all models.
MATCH (user:User)
WHERE $users IS NULL OR user.userId IN $users
MATCH (user)-[p:PREDICTED_RATING]->(movie:Movie)
WHERE $modelId IS NULL OR p.modelId = $modelId
OPTIONAL MATCH (user)-[rated:RATED]->(movie)
RETURN
  user.userId AS user,
  movie.tconst AS tconst,
  movie.title AS title,
  p.rating AS predicted_rating,
  rated.rating AS given_rating,
  p.rank AS rank,
  p.attentionMovies AS attention_movies,
  p.attentionWeights AS attention_weights,
  p.modelId AS model_id,
  p.predictedAt AS predicted_at
ORDER BY user, model_id, rank, tconst
