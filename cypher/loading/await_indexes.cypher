// Waits until every index is filled.
// params: seconds
CALL db.awaitIndexes($seconds)
