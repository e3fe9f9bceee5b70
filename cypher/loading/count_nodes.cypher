// Counts the nodes of each label; a node with several labels counts under each.
MATCH (n)
UNWIND labels(n) AS label
RETURN label, count(*) AS nodes
ORDER BY label
