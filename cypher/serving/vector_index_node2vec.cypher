// An index over the movies' node2vec vectors, so that near ones are found without reading all.
// params: options
CREATE VECTOR INDEX movie_node2vec IF NOT EXISTS
FOR (movie:Movie) ON movie.node2vec
OPTIONS $options
