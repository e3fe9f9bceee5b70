// Removes the index over the movies' node2vec vectors, whose size has changed.
DROP INDEX movie_node2vec IF EXISTS
