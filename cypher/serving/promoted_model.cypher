// Return the id of the promoted model run, if there is one.
MATCH (run:ModelRun {promoted: true})
RETURN run.id AS id
