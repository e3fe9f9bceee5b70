// Removes the index over the movies' fastRP vectors, whose size has changed.
DROP INDEX movie_fastrp IF EXISTS
