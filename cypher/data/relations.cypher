// Return people and genres of a part of the movies, ordered by key, the cast in billing order.
// params: after, size
MATCH (movie:Movie)
WHERE movie.tconst > $after
WITH movie ORDER BY movie.tconst LIMIT $size
RETURN
  collect(movie.tconst) AS keys,
  collect(COLLECT {
    MATCH (movie)<-[:DIRECTED]-(person:Person) WITH DISTINCT person.nconst AS key ORDER BY key RETURN key
  }) AS directors,
  collect(COLLECT {
    MATCH (movie)<-[acted:ACTED_IN]-(person:Person)
    WITH person.nconst AS key, min(acted.ordering) AS place ORDER BY place, key
    RETURN key
  }) AS actors,
  collect(COLLECT {
    MATCH (movie)<-[:WROTE]-(person:Person) WITH DISTINCT person.nconst AS key ORDER BY key RETURN key
  }) AS writers,
  collect(COLLECT {
    MATCH (movie)-[:HAS_GENRE]->(genre:Genre) WITH DISTINCT genre.name AS key ORDER BY key RETURN key
  }) AS genres
