// Vectors of one method on the nodes of one label.
// params: label, key, property
MATCH (node:$($label))
WHERE node[$property] IS NOT NULL
RETURN node[$key] AS key, node[$property] AS vector
