// Index to find movies by title, e.g. in Neo4j Browser.
CREATE INDEX movie_title IF NOT EXISTS
FOR (n:Movie) ON (n.title)
