// Delete predictions of a model that an earlier run of predict wrote and this one did not.
// params: modelId, predictedAt
// Without a label at the end the plan starts from the users, which takes a third less time than from the movies.
MATCH (:User)-[p:PREDICTED_RATING {modelId: $modelId}]->()
WHERE p.predictedAt <> $predictedAt
CALL (p) {
  DELETE p
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS deleted
