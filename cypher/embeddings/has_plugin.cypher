// Whether the server has the project's training procedures.
SHOW PROCEDURES YIELD name WHERE name = 'kgrec.kge.write'
RETURN count(*) > 0 AS present
