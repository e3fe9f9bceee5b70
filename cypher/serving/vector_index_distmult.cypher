// Create the vector index over the distMult vectors of movies.
// params: options
CREATE VECTOR INDEX movie_distmult IF NOT EXISTS
FOR (movie:Movie) ON movie.distMult
OPTIONS $options
