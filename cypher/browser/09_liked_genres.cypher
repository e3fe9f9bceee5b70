// Which genres are recommended to a user, beside the genres that the user has rated
WITH '1' AS userId
MATCH (user:User {userId: userId})
MATCH (genre:Genre)
CALL (user, genre) {
  MATCH (user)-[rated:RATED]->(:Movie)-[:HAS_GENRE]->(genre)
  RETURN count(rated) AS ratings, avg(rated.rating) AS meanRating
}
CALL (user, genre) {
  MATCH (user)-[p:PREDICTED_RATING]->(:Movie)-[:HAS_GENRE]->(genre)
  WHERE p.rank IS NOT NULL
  RETURN count(p) AS recommendations
}
WITH genre, ratings, meanRating, recommendations
WHERE ratings + recommendations > 0
RETURN genre.name AS genre, recommendations, ratings, round(meanRating, 2) AS meanRating
ORDER BY recommendations DESC, ratings DESC
