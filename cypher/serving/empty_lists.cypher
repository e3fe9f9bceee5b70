// Set the empty lists of a model's predictions, which neo4j-admin does not store; a test rating has no reasons.
// params: modelId
MATCH (:User)-[p:PREDICTED_RATING {modelId: $modelId}]->(:Movie)
WHERE p.attentionMovies IS NULL OR (p.rank IS NOT NULL AND (p.reasonMovies IS NULL OR p.reasonPeople IS NULL))
CALL (p) {
  SET p.attentionMovies = coalesce(p.attentionMovies, []), p.attentionWeights = coalesce(p.attentionWeights, [])
  FOREACH (_ IN CASE WHEN p.rank IS NULL THEN [] ELSE [1] END | SET
    p.reasonMovies = coalesce(p.reasonMovies, []), p.reasonMovieParts = coalesce(p.reasonMovieParts, []),
    p.reasonPeople = coalesce(p.reasonPeople, []), p.reasonPeopleParts = coalesce(p.reasonPeopleParts, []))
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS changed
