// What is recommended to a user, best first (replace the id 1)
WITH '1' AS userId
MATCH (user:User {userId: userId})-[p:PREDICTED_RATING]->(movie:Movie)
WHERE p.rank IS NOT NULL
RETURN p.rank AS rank, movie.title AS title, movie.year AS year, round(p.rating, 2) AS predictedRating, p.modelId AS model
ORDER BY model, rank
