// Merges HAS_GENRE relationships between existing nodes; rows without both nodes are not counted.
// params: rows
UNWIND $rows AS row
MATCH (start:Movie {tconst: row.start})
MATCH (end:Genre {name: row.end})
WITH start, end, EXISTS { (start)-[:HAS_GENRE]->(end) } AS known
CALL (start, end, known) {
  WITH start, end, known
  WHERE NOT known
  MERGE (start)-[:HAS_GENRE]->(end)
}
RETURN CASE WHEN known THEN 'unchanged' ELSE 'new' END AS state, count(*) AS rows
