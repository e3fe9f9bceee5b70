// A genre is known by its name.
CREATE CONSTRAINT genre_name IF NOT EXISTS
FOR (n:Genre) REQUIRE n.name IS UNIQUE
