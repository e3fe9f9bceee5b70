// Delete the predictions of one model.
// params: modelId
MATCH (:User)-[p:PREDICTED_RATING {modelId: $modelId}]->(:Movie)
CALL (p) {
  DELETE p
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS deleted
