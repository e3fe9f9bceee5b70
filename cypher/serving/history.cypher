// Every rating of one user, as columns; empty for a user that does not exist.
// params: userId
MATCH (:User {userId: $userId})-[rated:RATED]->(movie:Movie)
RETURN
  collect(movie.tconst) AS tconst,
  collect(toFloat(rated.rating)) AS rating,
  collect(rated.ratedAt) AS rated_at
