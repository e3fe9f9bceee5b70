// Write vectors to nodes by GDS node id.
// params: rows, property
UNWIND $rows AS row
WITH row, gds.util.asNode(row.id) AS node
CALL db.create.setNodeVectorProperty(node, $property, row.vector)
RETURN count(*) AS written
