// Merges persons by nconst; unchanged rows write nothing, and missing properties are kept.
// params: rows
UNWIND $rows AS row
OPTIONAL MATCH (old:Person {nconst: row.nconst})
WITH row, CASE
  WHEN old IS NULL THEN 'new'
  WHEN any(name IN keys(row.properties) WHERE old[name] IS NULL OR old[name] <> row.properties[name]) THEN 'changed'
  WHEN any(label IN row.labels WHERE NOT label IN labels(old)) THEN 'changed'
  ELSE 'unchanged'
END AS state
CALL (row, state) {
  WITH row, state
  WHERE state <> 'unchanged'
  MERGE (node:Person {nconst: row.nconst})
  SET node += row.properties
  SET node:$(row.labels)
}
RETURN state, count(*) AS rows
