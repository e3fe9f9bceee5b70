// Merges WROTE relationships between existing nodes; rows without both nodes are not counted.
// params: rows
UNWIND $rows AS row
MATCH (start:Person {nconst: row.start})
MATCH (end:Movie {tconst: row.end})
WITH start, end, EXISTS { (start)-[:WROTE]->(end) } AS known
CALL (start, end, known) {
  WITH start, end, known
  WHERE NOT known
  MERGE (start)-[:WROTE]->(end)
}
RETURN CASE WHEN known THEN 'unchanged' ELSE 'new' END AS state, count(*) AS rows
