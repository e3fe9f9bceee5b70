// Unique names of entities, with an index to find them.
CREATE CONSTRAINT kge_entity_name IF NOT EXISTS FOR (n:Entity) REQUIRE n.name IS UNIQUE
