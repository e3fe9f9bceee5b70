// What a director's viewers like next: recommendations to users who rated the most rated director highly
MATCH (director:Director)-[:DIRECTED]->(:Movie)<-[rated:RATED]-(:User)
WITH director, count(rated) AS ratings
ORDER BY ratings DESC
LIMIT 1
MATCH (director)-[:DIRECTED]->(:Movie)<-[rated:RATED]-(fan:User)
WHERE rated.rating >= 8
WITH director, collect(DISTINCT fan) AS fans
UNWIND fans AS fan
MATCH (fan)-[p:PREDICTED_RATING]->(movie:Movie)<-[:DIRECTED]-(next:Director)
WHERE p.rank IS NOT NULL AND next <> director
RETURN coalesce(director.name, director.nconst) AS viewersOf, coalesce(next.name, next.nconst) AS likeNext,
  count(DISTINCT fan) AS viewers, round(avg(p.rating), 2) AS predictedRating
ORDER BY viewers DESC, predictedRating DESC
LIMIT 10
