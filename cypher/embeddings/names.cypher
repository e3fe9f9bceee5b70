// Labels and relationship types that the database has seen.
CALL () {
  CALL db.labels() YIELD label RETURN label AS name
  UNION ALL
  CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType AS name
}
RETURN name
