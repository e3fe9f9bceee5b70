// First moment that the latest vectors of a method do not know; null where no rating went into them.
// params: method
MATCH (run:EmbeddingRun {method: $method})
RETURN run.cutoff AS cutoff
ORDER BY run.created DESC LIMIT 1
