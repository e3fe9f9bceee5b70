// Movies without any rating, by predicted rating: only the graph can recommend them
MATCH (user:User)-[p:PREDICTED_RATING]->(movie:Movie)
WHERE p.rank IS NOT NULL AND NOT EXISTS { (:User)-[:RATED]->(movie) }
RETURN movie.title AS title, movie.year AS year, count(DISTINCT user) AS recommendedTo, round(avg(p.rating), 2) AS predictedRating
ORDER BY predictedRating DESC
LIMIT 25
