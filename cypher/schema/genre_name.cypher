// Unique names of genres.
CREATE CONSTRAINT genre_name IF NOT EXISTS
FOR (n:Genre) REQUIRE n.name IS UNIQUE
