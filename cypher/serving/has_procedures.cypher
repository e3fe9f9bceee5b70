// Return whether the server has the procedures that recommend.
SHOW PROCEDURES YIELD name WHERE name = 'kgrec.recommend'
RETURN count(*) > 0 AS present
