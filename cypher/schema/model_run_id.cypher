// A run of a model is known by its id.
CREATE CONSTRAINT model_run_id IF NOT EXISTS
FOR (n:ModelRun) REQUIRE n.id IS UNIQUE
