// Remove the vectors of nodes that the projection no longer covers, in batches.
// params: property, cutoff
MATCH (node:Movie|Person|Genre|User)
WHERE node[$property] IS NOT NULL
  AND NOT EXISTS { (node)-[:ACTED_IN|DIRECTED|WROTE|HAS_GENRE]-() }
  AND NOT ($cutoff IS NOT NULL AND EXISTS { (node)-[rated:RATED]-() WHERE rated.ratedAt < $cutoff })
CALL (node) {
  REMOVE node[$property]
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(node) AS removed
