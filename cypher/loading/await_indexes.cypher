// Waits until all indexes are populated.
// params: seconds
CALL db.awaitIndexes($seconds)
