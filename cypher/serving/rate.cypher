// Adds or changes one rating of a user, who may be new; no row comes back where the movie is unknown.
// params: userId, tconst, rating, ratedAt
MATCH (movie:Movie {tconst: $tconst})
MERGE (user:User {userId: $userId})
MERGE (user)-[rated:RATED]->(movie)
WITH user, movie, rated, rated.rating AS before
SET rated.rating = $rating, rated.ratedAt = $ratedAt
RETURN movie.title AS title, before
