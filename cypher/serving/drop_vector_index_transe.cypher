// Removes the index over the movies' transE vectors, whose size has changed.
DROP INDEX movie_transe IF EXISTS
