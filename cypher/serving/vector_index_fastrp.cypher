// Create the vector index over the fastRP vectors of movies.
// params: options
CREATE VECTOR INDEX movie_fastrp IF NOT EXISTS
FOR (movie:Movie) ON movie.fastRP
OPTIONS $options
