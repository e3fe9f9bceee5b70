// New and never rated, by people of movies that a user liked: what only the graph can recommend
WITH '1' AS userId
MATCH (user:User {userId: userId})-[rated:RATED]->(liked:Movie)<-[:DIRECTED|ACTED_IN|WROTE]-(person:Person)
WHERE rated.rating >= 8 AND liked.peopleNorm > 0
WITH DISTINCT liked, person
WITH person, sum(1.0 / liked.peopleNorm) AS share
MATCH (person)-[:DIRECTED|ACTED_IN|WROTE]->(movie:Movie)
WHERE movie.peopleNorm > 0 AND NOT EXISTS { (movie)<-[:RATED]-(:User) }
WITH DISTINCT person, share, movie
WITH movie, person, person.idf ^ 2 * share / movie.peopleNorm AS part
ORDER BY part DESC, person.nconst
WITH movie, sum(part) AS sharedPeople, collect(coalesce(person.name, person.nconst))[..3] AS people
RETURN movie.tconst AS tconst, movie.title AS title, movie.year AS year, people, round(sharedPeople, 6) AS sharedPeople
ORDER BY sharedPeople DESC, tconst
LIMIT 20
