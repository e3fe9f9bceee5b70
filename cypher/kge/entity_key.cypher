// Entities are found by their name.
CREATE CONSTRAINT kge_entity_name IF NOT EXISTS FOR (n:Entity) REQUIRE n.name IS UNIQUE
