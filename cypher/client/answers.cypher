// Check that the database answers; the summary of the result names the database and the server.
RETURN 1 AS one
