// Merges movies by tconst; unchanged rows write nothing, and missing properties are kept.
// params: rows
UNWIND $rows AS row
OPTIONAL MATCH (old:Movie {tconst: row.tconst})
WITH row, CASE
  WHEN old IS NULL THEN 'new'
  WHEN any(name IN keys(row.properties) WHERE old[name] IS NULL OR old[name] <> row.properties[name]) THEN 'changed'
  ELSE 'unchanged'
END AS state
CALL (row, state) {
  WITH row, state
  WHERE state <> 'unchanged'
  MERGE (node:Movie {tconst: row.tconst})
  SET node += row.properties
}
RETURN state, count(*) AS rows
