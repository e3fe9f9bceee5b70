// Store one part of a network; return no row where the graph has no such model run.
// params: id, digest, number, bytes
MATCH (run:ModelRun {id: $id})
MERGE (run)-[:HAS_PART]->(part:ModelRunPart {digest: $digest, number: $number})
SET part.bytes = $bytes
RETURN part.number AS number
