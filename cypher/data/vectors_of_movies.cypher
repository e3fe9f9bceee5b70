// Return the vectors of a part of the movies, ordered by key; the label stands here so that the index finds the part.
// params: after, size, property
MATCH (node:Movie)
WHERE node.tconst > $after
WITH node ORDER BY node.tconst LIMIT $size
WITH collect(node) AS nodes
WITH nodes, [node IN nodes WHERE node[$property] IS NOT NULL] AS known
RETURN
  [node IN nodes | node.tconst] AS keys,
  [node IN known | node.tconst] AS known,
  [node IN known | node[$property]] AS vectors
