// Return every rating of some users, as columns; users that do not exist are left out.
// params: userIds
MATCH (user:User)
WHERE user.userId IN $userIds
OPTIONAL MATCH (user)-[rated:RATED]->(movie:Movie)
RETURN
  user.userId AS user_id,
  collect(movie.tconst) AS tconst,
  collect(toFloat(rated.rating)) AS rating,
  collect(rated.ratedAt) AS rated_at
