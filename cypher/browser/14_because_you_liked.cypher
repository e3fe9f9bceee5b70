// Because you liked: for each of the last five movies that a user liked, what else is liked by those who liked it
WITH '1' AS userId
MATCH (user:User {userId: userId})-[rated:RATED]->(liked:Movie)
WHERE rated.rating >= 8
WITH user, liked, rated
ORDER BY rated.ratedAt DESC, liked.tconst
LIMIT 5
CALL (user, liked) {
  MATCH (liked)-[together:LIKED_TOGETHER]->(movie:Movie)
  WHERE NOT EXISTS { (user)-[:RATED]->(movie) }
  RETURN movie, together.weight AS weight
  ORDER BY weight DESC, movie.tconst
  LIMIT 5
}
RETURN liked.title AS becauseYouLiked, movie.title AS title, movie.year AS year, movie.ratingCount AS ratings, round(weight, 6) AS weight
ORDER BY rated.ratedAt DESC, liked.tconst, weight DESC, movie.tconst
