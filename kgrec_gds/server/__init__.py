"""Installs, starts and stops a local Neo4j with Graph Data Science."""
