// Return the directors of each movie, ordered by key so that every pull is the same.
MATCH (movie:Movie)<-[:DIRECTED]-(person:Person)
WITH movie, person ORDER BY person.nconst
RETURN movie.tconst AS tconst, collect(DISTINCT person.nconst) AS keys
