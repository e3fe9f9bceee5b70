// Create the relationship types of a link-prediction data set, R0 … with their real names.
// params: rows
UNWIND $rows AS row
CREATE (:RelationType {type: row.type, name: row.name})
