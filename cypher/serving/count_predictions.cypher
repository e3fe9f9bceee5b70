// Count the predictions of one model, and the ranked recommendations among them.
// params: modelId
MATCH (:User)-[p:PREDICTED_RATING {modelId: $modelId}]->(:Movie)
RETURN count(p) AS predictions, count(p.rank) AS recommendations
