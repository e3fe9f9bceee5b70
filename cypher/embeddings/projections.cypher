// Return the names of the graphs in the memory of GDS.
CALL gds.graph.list() YIELD graphName
RETURN graphName AS name
