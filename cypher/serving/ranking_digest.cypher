// Return the model run whose ranking stands in the graph, if one does.
MATCH (run:ModelRun)
WHERE run.rankingDigest IS NOT NULL
RETURN run.id AS id, run.rankingDigest AS digest
