"""Queries by room: `cypher/<room>/<name>.cypher`, shipped inside the wheel."""
