// Return the cut-off of the ratings that the latest vectors of a method were made with; null without ratings.
// params: method
MATCH (run:EmbeddingRun {method: $method})
RETURN run.cutoff AS cutoff
ORDER BY run.created DESC LIMIT 1
