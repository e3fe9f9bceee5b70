// Write a property of a projection's nodes to the database.
// params: name, property
CALL gds.graph.nodeProperties.write($name, $property) YIELD propertiesWritten, writeMillis
RETURN propertiesWritten, writeMillis
