"""The managed server: Neo4j with GDS on the loopback interface."""
