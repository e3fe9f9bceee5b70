// Why the three best movies are recommended now: the liked movies and the shared people that say most, as a picture
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
WITH user, run, collect({movie: movie, E: E, F: F, P: P}) AS movies, stDevP(E) AS sdE, stDevP(F) AS sdF, stDevP(P) AS sdP
UNWIND movies AS m
WITH user, m.movie AS movie,
  CASE WHEN sdE > 0 THEN run.rankingLikedTogether * m.E / sdE ELSE 0 END AS likedTogether,
  CASE WHEN sdF > 0 THEN run.rankingPeople * m.F / sdF ELSE 0 END AS sharedPeople,
  CASE WHEN sdP > 0 THEN run.rankingPopularity * m.P / sdP ELSE 0 END AS popularity
WITH user, movie, likedTogether + sharedPeople + popularity AS score
ORDER BY score DESC, movie.tconst
LIMIT 3
OPTIONAL CALL (user, movie) {
  MATCH path = (user)-[rated:RATED]->(:Movie)-[together:LIKED_TOGETHER]->(movie)
  WHERE rated.rating >= 8
  RETURN path
  ORDER BY together.weight DESC
  LIMIT 3
  UNION
  MATCH (user)-[rated:RATED]->(liked:Movie)<-[:DIRECTED|ACTED_IN|WROTE]-(person:Person)-[:DIRECTED|ACTED_IN|WROTE]->(movie)
  WHERE rated.rating >= 8 AND liked.peopleNorm > 0
  WITH DISTINCT user, movie, person, liked
  WITH user, movie, person, person.idf ^ 2 * sum(1.0 / liked.peopleNorm) AS share
  ORDER BY share DESC, person.nconst
  LIMIT 3
  MATCH path = (user)-[rated:RATED]->(liked:Movie)<-[:DIRECTED|ACTED_IN|WROTE]-(person)-[:DIRECTED|ACTED_IN|WROTE]->(movie)
  WHERE rated.rating >= 8
  RETURN path
}
RETURN movie, path
