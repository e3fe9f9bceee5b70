"""Clean tables to neo4j-admin CSV, and from there to a database."""
