// Drop a graph from the memory of GDS, if it is there.
// params: name
CALL gds.graph.drop($name, false) YIELD graphName
RETURN graphName AS name
