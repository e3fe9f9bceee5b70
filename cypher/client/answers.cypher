// Does the database answer? The summary of the result names it.
RETURN 1 AS one
