// Replace the predictions of a model for a batch of whole users; running it again changes only the time.
// params: users, modelId, predictedAt
// A user with predictions for the same movies as before keeps the relationships, and attention is set only if it differs:
// creating relationships anew takes twice as long, and setting an equal list takes longer than comparing it.
UNWIND $users AS row
MATCH (user:User {userId: row.userId})
CALL (user) {
  OPTIONAL MATCH (user)-[old:PREDICTED_RATING {modelId: $modelId}]->(movie:Movie)
  WITH old, movie.tconst AS tconst ORDER BY tconst
  RETURN collect(old) AS olds, collect(tconst) AS tconsts
}
CALL (row, olds, tconsts) {
  WITH * WHERE tconsts = row.tconsts
  UNWIND range(0, size(olds) - 1) AS i
  WITH row, i, olds[i] AS p
  SET p.rating = row.ratings[i], p.rank = row.ranks[i], p.predictedAt = $predictedAt, p.history = row.history
  FOREACH (_ IN CASE WHEN row.scores[i] IS NULL OR p.score = row.scores[i] THEN [] ELSE [1] END | SET
    p.score = row.scores[i],
    p.reasonMovies = row.reasonMovies[i], p.reasonMovieParts = row.reasonMovieParts[i],
    p.reasonPeople = row.reasonPeople[i], p.reasonPeopleParts = row.reasonPeopleParts[i],
    p.popularityPart = row.popularityPart[i], p.otherPart = row.otherPart[i])
  FOREACH (_ IN CASE
    WHEN p.attentionMovies = row.attentionMovies[i] AND p.attentionWeights = row.attentionWeights[i] THEN []
    ELSE [1]
  END | SET p.attentionMovies = row.attentionMovies[i], p.attentionWeights = row.attentionWeights[i])
  RETURN count(*) AS kept
}
CALL (user, row, olds, tconsts) {
  WITH * WHERE tconsts <> row.tconsts
  FOREACH (old IN olds | DELETE old)
  WITH user, row
  UNWIND range(0, size(row.tconsts) - 1) AS i
  MATCH (movie:Movie {tconst: row.tconsts[i]})
  CREATE (user)-[:PREDICTED_RATING {
    modelId: $modelId,
    rating: row.ratings[i],
    rank: row.ranks[i],
    score: row.scores[i],
    reasonMovies: row.reasonMovies[i],
    reasonMovieParts: row.reasonMovieParts[i],
    reasonPeople: row.reasonPeople[i],
    reasonPeopleParts: row.reasonPeopleParts[i],
    popularityPart: row.popularityPart[i],
    otherPart: row.otherPart[i],
    attentionMovies: row.attentionMovies[i],
    attentionWeights: row.attentionWeights[i],
    predictedAt: $predictedAt,
    history: row.history
  }]->(movie)
  RETURN count(*) AS made
}
RETURN sum(kept) + sum(made) AS written
