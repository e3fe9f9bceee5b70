// Return the cast of each movie in billing order.
MATCH (movie:Movie)<-[acted:ACTED_IN]-(person:Person)
WITH movie, person, acted ORDER BY acted.ordering, person.nconst
RETURN movie.tconst AS tconst, collect(DISTINCT person.nconst) AS keys
