"""The connection to Neo4j, and the queries that run on it."""
