// Why a user's first recommendation was made: the past movies with the most attention, as a picture
WITH '1' AS userId
MATCH (user:User {userId: userId})-[p:PREDICTED_RATING {rank: 1}]->(movie:Movie)
UNWIND range(0, size(p.attentionMovies) - 1) AS i
WITH user, p, movie, p.attentionMovies[i] AS tconst, p.attentionWeights[i] AS weight
ORDER BY weight DESC
LIMIT 5
MATCH (user)-[rated:RATED]->(past:Movie {tconst: tconst})
OPTIONAL MATCH path = (past)--(shared:Person|Genre)--(movie)
RETURN user, p, movie, rated, past, path
