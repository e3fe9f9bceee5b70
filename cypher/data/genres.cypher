// Return the genres of each movie, ordered by name.
MATCH (movie:Movie)-[:HAS_GENRE]->(genre:Genre)
WITH movie, genre ORDER BY genre.name
RETURN movie.tconst AS tconst, collect(DISTINCT genre.name) AS keys
