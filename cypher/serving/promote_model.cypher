// Mark one model run as promoted, and no other.
// params: modelId
MATCH (chosen:ModelRun {id: $modelId})
OPTIONAL MATCH (other:ModelRun {promoted: true})
WHERE other <> chosen
REMOVE other.promoted
WITH DISTINCT chosen
SET chosen.promoted = true
RETURN chosen.id AS id
