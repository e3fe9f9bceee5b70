// An index over the movies' distMult vectors, so that near ones are found without reading all.
// params: options
CREATE VECTOR INDEX movie_distmult IF NOT EXISTS
FOR (movie:Movie) ON movie.distMult
OPTIONS $options
