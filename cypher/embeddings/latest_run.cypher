// Latest embedding run of a method.
// params: method
MATCH (run:EmbeddingRun {method: $method})
RETURN run.id AS id, run.parameters AS parameters
ORDER BY run.created DESC LIMIT 1
