// Unique ids of users, as strings.
CREATE CONSTRAINT user_id IF NOT EXISTS
FOR (n:User) REQUIRE n.userId IS UNIQUE
