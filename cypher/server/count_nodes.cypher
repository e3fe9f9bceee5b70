// Count the nodes of the database.
MATCH (n) RETURN count(n) AS nodes
