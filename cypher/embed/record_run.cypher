// Record one embedding run; what Neo4j cannot hold as a property stands as JSON text.
// params: id, method, parameters, seed, cutoff, metrics, versions
CREATE (run:EmbeddingRun {id: $id})
SET run.method = $method, run.parameters = $parameters, run.seed = $seed, run.cutoff = $cutoff,
    run.metrics = $metrics, run.versions = $versions, run.created = datetime()
RETURN run.id AS id
