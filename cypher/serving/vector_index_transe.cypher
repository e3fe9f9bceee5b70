// An index over the movies' transE vectors, so that near ones are found without reading all.
// params: options
CREATE VECTOR INDEX movie_transe IF NOT EXISTS
FOR (movie:Movie) ON movie.transE
OPTIONS $options
