// Adds DIRECTED relationships between nodes that are there; a row whose ends are not counts nowhere.
// params: rows
UNWIND $rows AS row
MATCH (start:Person {nconst: row.start})
MATCH (end:Movie {tconst: row.end})
WITH start, end, EXISTS { (start)-[:DIRECTED]->(end) } AS known
CALL (start, end, known) {
  WITH start, end, known
  WHERE NOT known
  MERGE (start)-[:DIRECTED]->(end)
}
RETURN CASE WHEN known THEN 'unchanged' ELSE 'new' END AS state, count(*) AS rows
