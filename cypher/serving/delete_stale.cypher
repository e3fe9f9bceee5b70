// Delete predictions of a model that an earlier run of predict wrote and this one did not.
// params: modelId, predictedAt
MATCH (:User)-[p:PREDICTED_RATING {modelId: $modelId}]->(:Movie)
WHERE p.predictedAt <> $predictedAt
CALL (p) {
  DELETE p
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS deleted
