// Whether this server has the project's own training procedures.
SHOW PROCEDURES YIELD name WHERE name = 'kgrec.kge.write'
RETURN count(*) > 0 AS present
