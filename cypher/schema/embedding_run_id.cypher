// A run of an embedding is known by its id.
CREATE CONSTRAINT embedding_run_id IF NOT EXISTS
FOR (n:EmbeddingRun) REQUIRE n.id IS UNIQUE
