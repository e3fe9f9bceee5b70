// Create triples of a link-prediction data set.
// params: rows
UNWIND $rows AS row
MATCH (h:Entity {name: row[0]}), (t:Entity {name: row[2]})
CREATE (h)-[:$(row[1])]->(t)
