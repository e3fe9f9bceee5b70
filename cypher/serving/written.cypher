// Return the recommendations written for a user, best first, with reasons, the most attended movies and the last rating.
// params: userId, modelId, k
// current: whether the predictions were made from the ratings that the user has now, see history_keys.py.
// Without a model id: the promoted model, else the one that predicted last.
MATCH (user:User {userId: $userId})
CALL (user) {
  OPTIONAL MATCH (user)-[rated:RATED]->(:Movie)
  RETURN max(rated.ratedAt) AS lastRatedAt, toString(count(rated)) + ' ' + toString(sum(toInteger(floor(rated.rating * 1000 + 0.5)))) + ' ' + toString(sum(rated.ratedAt)) AS history
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
CALL (p) {
  UNWIND range(0, size(p.reasonMovies) - 1) AS i
  OPTIONAL MATCH (liked:Movie {tconst: p.reasonMovies[i]})
  RETURN collect({kind: 'liked_movie', key: p.reasonMovies[i], name: liked.title, part: p.reasonMovieParts[i]}) AS liked
}
CALL (p) {
  UNWIND range(0, size(p.reasonPeople) - 1) AS i
  OPTIONAL MATCH (person:Person {nconst: p.reasonPeople[i]})
  RETURN collect({kind: 'shared_person', key: p.reasonPeople[i], name: person.name, part: p.reasonPeopleParts[i]}) AS people
}
RETURN
  p.rank AS rank,
  movie.tconst AS tconst,
  movie.title AS title,
  movie.year AS year,
  COUNT { (movie)<-[:RATED]-() } AS ratings,
  p.rating AS predicted_rating,
  p.score AS score,
  liked + people AS reasons,
  p.popularityPart AS popularity,
  p.otherPart AS other,
  attention,
  modelId AS model_id,
  p.predictedAt AS predicted_at,
  lastRatedAt AS last_rated_at,
  coalesce(p.history = history, lastRatedAt IS NULL OR lastRatedAt < p.predictedAt) AS current,
  EXISTS { (user)-[:RATED]->(movie) } AS rated_since
ORDER BY rank
