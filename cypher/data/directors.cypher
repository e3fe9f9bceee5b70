// One record a movie with its directors, ordered by key so that a pull is the same every time.
MATCH (movie:Movie)<-[:DIRECTED]-(person:Person)
WITH movie, person ORDER BY person.nconst
RETURN movie.tconst AS tconst, collect(DISTINCT person.nconst) AS keys
