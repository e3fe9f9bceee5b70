// Record a finished model run, or record it again; values that Neo4j cannot store are JSON text.
// params: id, model, protocol, seed, embeddings, cutoff, metrics, parameters, versions
MERGE (run:ModelRun {id: $id})
ON CREATE SET run.created = datetime()
SET run.model = $model, run.protocol = $protocol, run.seed = $seed, run.embeddings = $embeddings,
    run.cutoff = $cutoff, run.metrics = $metrics, run.parameters = $parameters, run.versions = $versions
RETURN run.id AS id
