// Recommend to a user by the procedure of the plugin, with titles and names.
// params: userId, configuration
CALL kgrec.recommend($userId, $configuration)
YIELD movie, rank, score, rating, reasons, attentionMovies, attentionWeights
CALL (attentionMovies, attentionWeights) {
  UNWIND range(0, size(coalesce(attentionMovies, [])) - 1) AS i
  OPTIONAL MATCH (attended:Movie {tconst: attentionMovies[i]})
  WITH attentionMovies[i] AS tconst, attended.title AS title, attentionWeights[i] AS weight
  ORDER BY weight DESC
  LIMIT 3
  RETURN collect({tconst: tconst, title: title, weight: weight}) AS attention
}
RETURN
  rank,
  movie.tconst AS tconst,
  movie.title AS title,
  movie.year AS year,
  COUNT { (movie)<-[:RATED]-() } AS ratings,
  rating AS predicted_rating,
  score,
  [reason IN reasons WHERE reason.type = 'likedTogether' |
    {kind: 'liked_movie', key: reason.tconst, name: reason.movie.title, part: reason.part}] +
  [reason IN reasons WHERE reason.type = 'people' |
    {kind: 'shared_person', key: reason.nconst, name: reason.person.name, part: reason.part}] AS reasons,
  [reason IN reasons WHERE reason.type = 'popularity' | reason.part][0] AS popularity,
  [reason IN reasons WHERE reason.type = 'other' | reason.part][0] AS other,
  attention
ORDER BY rank
