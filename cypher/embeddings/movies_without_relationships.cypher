// Movies without persons and genres: they get no vector from the knowledge graph.
MATCH (movie:Movie)
WHERE NOT EXISTS { (movie)-[:ACTED_IN|DIRECTED|WROTE|HAS_GENRE]-() }
RETURN count(movie) AS movies
