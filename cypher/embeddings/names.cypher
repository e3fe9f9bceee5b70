// All labels and relationship types that the database knows.
CALL () {
  CALL db.labels() YIELD label RETURN label AS name
  UNION ALL
  CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType AS name
}
RETURN name
