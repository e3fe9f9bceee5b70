// All movies by key, with the year that cleaning asks for.
MATCH (m:Movie)
WHERE m.tconst IS NOT NULL
RETURN m.tconst AS tconst, m.year AS year
