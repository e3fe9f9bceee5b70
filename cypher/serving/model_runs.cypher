// Return every recorded model run, the latest first, with the number of its predictions.
MATCH (run:ModelRun)
RETURN
  run.id AS model_id,
  toString(run.created) AS created,
  run.model AS model,
  run.protocol AS protocol,
  run.embeddings AS embeddings,
  run.seed AS seed,
  coalesce(run.promoted, false) AS promoted,
  run.metrics AS metrics,
  COUNT { (:User)-[:PREDICTED_RATING {modelId: run.id}]->(:Movie) } AS predictions
ORDER BY run.created DESC, model_id DESC
