// Return the title of a movie, and the size of each vector that it has.
// params: tconst, properties
MATCH (movie:Movie {tconst: $tconst})
RETURN movie.title AS title, [property IN $properties WHERE movie[property] IS NOT NULL | {property: property, size: size(movie[property])}] AS vectors
