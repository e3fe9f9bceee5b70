// Vectors of the relationship types.
// params: property
MATCH (relation:RelationType)
WHERE relation[$property] IS NOT NULL
RETURN relation.name AS name, relation[$property] AS vector
