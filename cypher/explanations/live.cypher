// Explain a movie's rank and predicted rating for a user by the procedure of the plugin.
// params: userId, tconst, configuration
CALL kgrec.explain($userId, $tconst, $configuration)
YIELD rank, score, rating, reasons, attentionMovies, attentionWeights, counterfactuals
RETURN
  rank, score, rating, attentionMovies AS attention_movies, attentionWeights AS attention_weights,
  [reason IN reasons WHERE reason.type = 'likedTogether' |
    {kind: 'liked_movie', key: reason.tconst, name: reason.movie.title, part: reason.part}] +
  [reason IN reasons WHERE reason.type = 'people' |
    {kind: 'shared_person', key: reason.nconst, name: reason.person.name, part: reason.part}] AS reasons,
  [reason IN reasons WHERE reason.type = 'popularity' | reason.part][0] AS popularity,
  [reason IN reasons WHERE reason.type = 'other' | reason.part][0] AS other,
  [c IN counterfactuals | {
    effect: c.effect,
    rank: c.rank,
    rating: c.rating,
    left_out: [l IN c.leftOut | {tconst: l.tconst, title: l.movie.title, rating: l.rating}]
  }] AS counterfactuals
