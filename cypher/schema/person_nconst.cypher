// Unique IMDb ids of persons.
CREATE CONSTRAINT person_nconst IF NOT EXISTS
FOR (n:Person) REQUIRE n.nconst IS UNIQUE
