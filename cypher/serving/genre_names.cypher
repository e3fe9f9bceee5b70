// Return the names of the genres.
MATCH (genre:Genre)
RETURN collect(genre.name) AS names
