// Merges ratings, one per user and movie; an older rating does not replace a newer one.
// params: rows
UNWIND $rows AS row
MATCH (start:User {userId: row.start})
MATCH (end:Movie {tconst: row.end})
OPTIONAL MATCH (start)-[old:RATED]->(end)
WITH row, start, end, CASE
  WHEN old IS NULL THEN 'new'
  WHEN row.properties.ratedAt < old.ratedAt THEN 'unchanged'
  WHEN any(name IN keys(row.properties) WHERE old[name] IS NULL OR old[name] <> row.properties[name]) THEN 'changed'
  ELSE 'unchanged'
END AS state
CALL (row, start, end, state) {
  WITH row, start, end, state
  WHERE state <> 'unchanged'
  MERGE (start)-[r:RATED]->(end)
  SET r += row.properties
}
RETURN state, count(*) AS rows
