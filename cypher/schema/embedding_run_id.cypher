// Unique ids of embedding runs.
CREATE CONSTRAINT embedding_run_id IF NOT EXISTS
FOR (n:EmbeddingRun) REQUIRE n.id IS UNIQUE
