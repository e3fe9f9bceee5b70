// Movies that no fact says anything about: they get no vector from facts.
MATCH (movie:Movie)
WHERE NOT EXISTS { (movie)-[:ACTED_IN|DIRECTED|WROTE|HAS_GENRE]-() }
RETURN count(movie) AS movies
