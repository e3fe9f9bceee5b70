// Delete the predictions of every model but one.
// params: modelId
MATCH (:User)-[p:PREDICTED_RATING]->(:Movie)
WHERE p.modelId <> $modelId
CALL (p) {
  DELETE p
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS deleted
