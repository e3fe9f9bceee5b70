// Vectors that a projection holds, by GDS node id.
// params: name, property
CALL gds.graph.nodeProperty.stream($name, $property) YIELD nodeId, propertyValue
RETURN nodeId, propertyValue AS vector
