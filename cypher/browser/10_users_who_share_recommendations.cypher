// The pairs of users with the most recommended movies in common, as a picture
MATCH (a:User)-[p:PREDICTED_RATING]->(movie:Movie)<-[q:PREDICTED_RATING]-(b:User)
WHERE p.rank <= 3 AND q.rank <= 3 AND p.modelId = q.modelId AND a.userId < b.userId
WITH a, b, count(movie) AS shared
ORDER BY shared DESC, a.userId
LIMIT 3
MATCH path = (a)-[p:PREDICTED_RATING]->(:Movie)<-[q:PREDICTED_RATING]-(b)
WHERE p.rank <= 3 AND q.rank <= 3
RETURN path
