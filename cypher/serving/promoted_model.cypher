// The model run that was promoted, if any.
MATCH (run:ModelRun {promoted: true})
RETURN run.id AS id
