// Unique ids of model runs.
CREATE CONSTRAINT model_run_id IF NOT EXISTS
FOR (n:ModelRun) REQUIRE n.id IS UNIQUE
