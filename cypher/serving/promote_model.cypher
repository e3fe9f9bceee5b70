// Makes one model run the one that predict and recommend use, and no other.
// params: modelId
MATCH (chosen:ModelRun {id: $modelId})
OPTIONAL MATCH (other:ModelRun {promoted: true})
WHERE other <> chosen
REMOVE other.promoted
WITH DISTINCT chosen
SET chosen.promoted = true
RETURN chosen.id AS id
