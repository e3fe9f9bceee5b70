// Every model run that the graph knows, the latest first, and how many predictions of it there are.
MATCH (run:ModelRun)
RETURN
  run.id AS model_id,
  toString(run.created) AS created,
  run.protocol AS protocol,
  run.preset AS preset,
  run.embeddings AS embeddings,
  run.seed AS seed,
  coalesce(run.promoted, false) AS promoted,
  run.metrics AS metrics,
  COUNT { (:User)-[:PREDICTED_RATING {modelId: run.id}]->(:Movie) } AS predictions
ORDER BY run.created DESC, model_id DESC
