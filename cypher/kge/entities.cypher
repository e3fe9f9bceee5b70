// Create the entities of a link-prediction data set.
// params: names
UNWIND $names AS name
CREATE (:Entity {name: name})
