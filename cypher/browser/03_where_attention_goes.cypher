// Where the attention of one prediction goes: each past movie, its rating, and its weight
WITH '1' AS userId
MATCH (user:User {userId: userId})-[p:PREDICTED_RATING {rank: 1}]->(movie:Movie)
UNWIND range(0, size(p.attentionMovies) - 1) AS i
MATCH (user)-[rated:RATED]->(past:Movie {tconst: p.attentionMovies[i]})
RETURN movie.title AS recommended, past.title AS attended, rated.rating AS rating, round(p.attentionWeights[i], 3) AS weight
ORDER BY weight DESC
