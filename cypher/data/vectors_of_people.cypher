// Return the vectors of a part of the people, ordered by key; the label stands here so that the index finds the part.
// params: after, size, property
MATCH (node:Person)
WHERE node.nconst > $after
WITH node ORDER BY node.nconst LIMIT $size
WITH collect(node) AS nodes
WITH nodes, [node IN nodes WHERE node[$property] IS NOT NULL] AS known
RETURN
  [node IN nodes | node.nconst] AS keys,
  [node IN known | node.nconst] AS known,
  [node IN known | node[$property]] AS vectors
