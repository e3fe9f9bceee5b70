// Return which of the vector properties at least one movie has.
// params: properties
UNWIND $properties AS property
WITH property WHERE EXISTS { MATCH (movie:Movie) WHERE movie[property] IS NOT NULL }
RETURN property
