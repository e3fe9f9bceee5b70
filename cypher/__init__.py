"""Queries by package: `cypher/<package>/<name>.cypher`, shipped inside the wheel."""
