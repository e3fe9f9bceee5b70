// A movie is known by its IMDb id.
CREATE CONSTRAINT movie_tconst IF NOT EXISTS
FOR (n:Movie) REQUIRE n.tconst IS UNIQUE
