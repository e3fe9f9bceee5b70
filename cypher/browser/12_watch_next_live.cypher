// What to recommend to a user now, without Python: liked together, shared people, popularity (replace the id 1)
WITH '1' AS userId
MATCH (user:User {userId: userId})
MATCH (run:ModelRun)
WHERE run.rankingDigest IS NOT NULL
WITH user, run
ORDER BY coalesce(run.promoted, false) DESC, run.created DESC, run.id DESC
LIMIT 1
CALL (user) {
  // What is liked together with the movies that the user rated 8 or more
  MATCH (user)-[rated:RATED]->(:Movie)-[together:LIKED_TOGETHER]->(movie:Movie)
  WHERE rated.rating >= 8
  RETURN movie, sum(together.weight) AS E, 0.0 AS F, 0.0 AS P
  UNION ALL
  // Who made or plays in them: the rarer a person, the more it says
  MATCH (user)-[rated:RATED]->(liked:Movie)<-[:DIRECTED|ACTED_IN|WROTE]-(person:Person)
  WHERE rated.rating >= 8 AND liked.peopleNorm > 0
  WITH DISTINCT liked, person
  WITH person, sum(1.0 / liked.peopleNorm) AS share
  MATCH (person)-[:DIRECTED|ACTED_IN|WROTE]->(movie:Movie)
  WHERE movie.peopleNorm > 0
  WITH DISTINCT person, share, movie
  RETURN movie, 0.0 AS E, sum(person.idf ^ 2 * share / movie.peopleNorm) AS F, 0.0 AS P
  UNION ALL
  // What is popular now
  MATCH (movie:Movie)
  RETURN movie, 0.0 AS E, 0.0 AS F, coalesce(movie.popularity, 0.0) AS P
}
WITH user, run, movie, sum(E) AS E, sum(F) AS F, sum(P) AS P
WHERE NOT EXISTS { (user)-[:RATED]->(movie) }
// Each part is divided by its standard deviation over the movies that the user has not rated
WITH run, collect({movie: movie, E: E, F: F, P: P}) AS movies, stDevP(E) AS sdE, stDevP(F) AS sdF, stDevP(P) AS sdP
UNWIND movies AS m
WITH m.movie AS movie,
  CASE WHEN sdE > 0 THEN run.rankingLikedTogether * m.E / sdE ELSE 0 END AS likedTogether,
  CASE WHEN sdF > 0 THEN run.rankingPeople * m.F / sdF ELSE 0 END AS sharedPeople,
  CASE WHEN sdP > 0 THEN run.rankingPopularity * m.P / sdP ELSE 0 END AS popularity
WITH movie, likedTogether + sharedPeople + popularity AS score, likedTogether, sharedPeople, popularity
ORDER BY score DESC, movie.tconst
LIMIT 10
RETURN movie.tconst AS tconst, movie.title AS title, movie.year AS year, movie.ratingCount AS ratings, round(score, 6) AS score,
  round(likedTogether, 6) AS likedTogether, round(sharedPeople, 6) AS sharedPeople, round(popularity, 6) AS popularity
