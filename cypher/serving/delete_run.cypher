// Delete the record of a model run, and its network where it was published.
// params: modelId
MATCH (run:ModelRun {id: $modelId})
OPTIONAL MATCH (run)-[:HAS_PART]->(part:ModelRunPart)
DETACH DELETE part, run
RETURN count(DISTINCT run) AS deleted
