// Add or change one rating of a user, who may be new; return no row if the movie is unknown.
// params: userId, tconst, rating, ratedAt
MATCH (movie:Movie {tconst: $tconst})
MERGE (user:User {userId: $userId})
MERGE (user)-[rated:RATED]->(movie)
WITH user, movie, rated, rated.rating AS before
SET rated.rating = $rating, rated.ratedAt = $ratedAt
RETURN movie.title AS title, before
