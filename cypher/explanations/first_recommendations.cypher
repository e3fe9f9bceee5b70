// Return every user's first recommendation by one model.
// params: modelId
MATCH (user:User)-[p:PREDICTED_RATING {modelId: $modelId}]->(movie:Movie)
WHERE p.rank = 1
RETURN user.userId AS user, movie.tconst AS tconst
ORDER BY user
