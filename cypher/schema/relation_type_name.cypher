// Unique names of relation types, which carry the relation vectors.
CREATE CONSTRAINT relation_type_name IF NOT EXISTS
FOR (n:RelationType) REQUIRE n.name IS UNIQUE
