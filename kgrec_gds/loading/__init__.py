"""Load clean tables into a database: neo4j-admin CSV and bulk import, or Bolt."""
