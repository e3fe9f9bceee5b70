// One node for each kind of fact, which carries its relation vectors.
CREATE CONSTRAINT relation_type_name IF NOT EXISTS
FOR (n:RelationType) REQUIRE n.name IS UNIQUE
