// Record one embedding run, or what it came to; what Neo4j cannot hold as a property stands as JSON text.
// params: id, method, parameters, seed, cutoff, metrics, versions
MERGE (run:EmbeddingRun {id: $id})
ON CREATE SET run.created = datetime()
SET run.method = $method, run.parameters = $parameters, run.seed = $seed, run.cutoff = $cutoff,
    run.metrics = $metrics, run.versions = $versions
RETURN run.id AS id
