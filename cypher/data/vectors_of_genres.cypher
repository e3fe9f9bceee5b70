// Return the vectors of a part of the genres, ordered by key; the label stands here so that the index finds the part.
// params: after, size, property
MATCH (node:Genre)
WHERE node.name > $after
WITH node ORDER BY node.name LIMIT $size
WITH collect(node) AS nodes
WITH nodes, [node IN nodes WHERE node[$property] IS NOT NULL] AS known
RETURN
  [node IN nodes | node.name] AS keys,
  [node IN known | node.name] AS known,
  [node IN known | node[$property]] AS vectors
