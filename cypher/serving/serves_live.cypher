// Return the model run to recommend by, the named one, the promoted, else the latest, where the procedures can serve it.
// params: modelId
// No row where its ranking or its network is not in the graph: then Python ranks and predicts.
MATCH (run:ModelRun)
WHERE ($modelId IS NULL OR run.id = $modelId) AND run.rankingLikedTogether IS NOT NULL
WITH run
ORDER BY coalesce(run.promoted, false) DESC, run.created DESC, run.id DESC
LIMIT 1
WITH run
WHERE run.networkDigest IS NOT NULL AND run.rankingDigest IS NOT NULL
RETURN run.id AS model_id
