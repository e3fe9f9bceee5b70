// Create the vector index over the transE vectors of movies.
// params: options
CREATE VECTOR INDEX movie_transe IF NOT EXISTS
FOR (movie:Movie) ON movie.transE
OPTIONS $options
