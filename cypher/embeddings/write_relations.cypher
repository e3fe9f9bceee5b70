// Write the vectors of relationship types to their nodes.
// params: rows, property
UNWIND $rows AS row
MERGE (relation:RelationType {name: row.name})
WITH row, relation
CALL db.create.setNodeVectorProperty(relation, $property, row.vector)
RETURN count(*) AS written
