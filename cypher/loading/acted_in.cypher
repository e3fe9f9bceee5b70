// Merges ACTED_IN relationships between existing nodes; rows without both nodes are not counted.
// params: rows
UNWIND $rows AS row
MATCH (start:Person {nconst: row.start})
MATCH (end:Movie {tconst: row.end})
OPTIONAL MATCH (start)-[old:ACTED_IN]->(end)
WITH row, start, end, CASE
  WHEN old IS NULL THEN 'new'
  WHEN any(name IN keys(row.properties) WHERE old[name] IS NULL OR old[name] <> row.properties[name]) THEN 'changed'
  ELSE 'unchanged'
END AS state
CALL (row, start, end, state) {
  WITH row, start, end, state
  WHERE state <> 'unchanged'
  MERGE (start)-[r:ACTED_IN]->(end)
  SET r += row.properties
}
RETURN state, count(*) AS rows
