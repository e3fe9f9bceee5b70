// Counts the predictions of one model, and those among them that are ranked recommendations.
// params: modelId
MATCH (:User)-[p:PREDICTED_RATING {modelId: $modelId}]->(:Movie)
RETURN count(p) AS predictions, count(p.rank) AS recommendations
