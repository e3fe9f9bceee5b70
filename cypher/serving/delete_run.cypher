// Delete the record of a model run.
// params: modelId
MATCH (run:ModelRun {id: $modelId})
DELETE run
RETURN count(*) AS deleted
