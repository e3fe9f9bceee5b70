// All movies by key, with the year that cleaning requires.
MATCH (m:Movie)
WHERE m.tconst IS NOT NULL
RETURN m.tconst AS tconst, m.year AS year
