// Create the vector index over the node2vec vectors of movies.
// params: options
CREATE VECTOR INDEX movie_node2vec IF NOT EXISTS
FOR (movie:Movie) ON movie.node2vec
OPTIONS $options
