// A user's ratings of some movies.
// params: userId, tconsts
MATCH (:User {userId: $userId})-[rated:RATED]->(movie:Movie)
WHERE movie.tconst IN $tconsts
RETURN movie.tconst AS tconst, movie.title AS title, rated.rating AS rating, rated.ratedAt AS rated_at
