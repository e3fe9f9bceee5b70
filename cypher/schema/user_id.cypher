// A user is known by the id of the rating file, a string.
CREATE CONSTRAINT user_id IF NOT EXISTS
FOR (n:User) REQUIRE n.userId IS UNIQUE
