// Replaces the predictions of a batch of whole users by one model; running it again changes nothing but the time.
// params: users, tconsts, modelId, predictedAt
// Movies arrive as positions in $tconsts, so that each is looked up once a batch and not once an edge.
UNWIND $tconsts AS tconst
OPTIONAL MATCH (found:Movie {tconst: tconst})
WITH collect([found]) AS movies
UNWIND $users AS row
MATCH (user:User {userId: row.userId})
CALL (user) {
  MATCH (user)-[old:PREDICTED_RATING {modelId: $modelId}]->(:Movie)
  DELETE old
}
UNWIND range(0, size(row.movies) - 1) AS i
WITH user, row, i, movies[row.movies[i]][0] AS movie
WHERE movie IS NOT NULL
CREATE (user)-[:PREDICTED_RATING {
  modelId: $modelId,
  rating: row.ratings[i],
  rank: row.ranks[i],
  attentionMovies: row.attentionMovies[i],
  attentionWeights: row.attentionWeights[i],
  predictedAt: $predictedAt
}]->(movie)
RETURN count(*) AS written
