// Return the movies that have outgoing LIKED_TOGETHER relationships.
MATCH (movie:Movie)
WHERE EXISTS { (movie)-[:LIKED_TOGETHER]->() }
RETURN collect(movie.tconst) AS tconsts
