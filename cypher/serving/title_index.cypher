// Return the state of the full-text index of titles; no row where there is none.
// params: name
SHOW FULLTEXT INDEXES YIELD name, state
WHERE name = $name
RETURN state
