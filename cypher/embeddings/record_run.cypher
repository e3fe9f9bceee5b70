// Record an embedding run, or update it with its metrics; maps are stored as JSON text.
// params: id, method, parameters, seed, cutoff, metrics, versions
MERGE (run:EmbeddingRun {id: $id})
ON CREATE SET run.created = datetime()
SET run.method = $method, run.parameters = $parameters, run.seed = $seed, run.cutoff = $cutoff,
    run.metrics = $metrics, run.versions = $versions
RETURN run.id AS id
