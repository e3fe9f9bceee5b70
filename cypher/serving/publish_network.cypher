// Serve the parts of a digest, and delete those of earlier ones.
// params: id, digest, parts, bytes, knownUntil
MATCH (run:ModelRun {id: $id})
SET run.networkDigest = $digest, run.networkParts = $parts, run.networkBytes = $bytes, run.knownUntil = $knownUntil
WITH run
OPTIONAL MATCH (run)-[:HAS_PART]->(old:ModelRunPart)
WHERE old.digest <> $digest
DETACH DELETE old
