// An index over the movies' fastRP vectors, so that near ones are found without reading all.
// params: options
CREATE VECTOR INDEX movie_fastrp IF NOT EXISTS
FOR (movie:Movie) ON movie.fastRP
OPTIONS $options
