// Unique IMDb ids of movies.
CREATE CONSTRAINT movie_tconst IF NOT EXISTS
FOR (n:Movie) REQUIRE n.tconst IS UNIQUE
