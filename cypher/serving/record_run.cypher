// Record a finished model run, or record it again; what Neo4j cannot hold as a property stands as JSON text.
// params: id, kind, protocol, preset, seed, embeddings, cutoff, metrics, parameters, versions
MERGE (run:ModelRun {id: $id})
ON CREATE SET run.created = datetime()
SET run.kind = $kind, run.protocol = $protocol, run.preset = $preset, run.seed = $seed,
    run.embeddings = $embeddings, run.cutoff = $cutoff, run.metrics = $metrics, run.parameters = $parameters,
    run.versions = $versions
RETURN run.id AS id
