// Return a user's ratings before a time, or all, the oldest first.
// params: userId, until
MATCH (:User {userId: $userId})-[rated:RATED]->(movie:Movie)
WHERE $until IS NULL OR rated.ratedAt < $until
RETURN movie.tconst AS tconst, movie.title AS title, rated.rating AS rating, rated.ratedAt AS rated_at
ORDER BY rated_at, tconst
