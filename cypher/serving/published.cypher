// Return what is published of a model run.
// params: id
MATCH (run:ModelRun {id: $id})
RETURN run.networkDigest AS digest, run.networkBytes AS bytes, run.knownUntil AS known_until
