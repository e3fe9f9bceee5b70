// All movies by key, with the year that cleaning asks for.
MATCH (m:Movie)
RETURN m.tconst AS tconst, m.year AS year
