// Finds a movie by its title, as people do in Neo4j Browser.
CREATE INDEX movie_title IF NOT EXISTS
FOR (n:Movie) ON (n.title)
