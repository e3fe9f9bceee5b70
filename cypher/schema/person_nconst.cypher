// A person is known by the IMDb id.
CREATE CONSTRAINT person_nconst IF NOT EXISTS
FOR (n:Person) REQUIRE n.nconst IS UNIQUE
