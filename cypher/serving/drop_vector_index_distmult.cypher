// Removes the index over the movies' distMult vectors, whose size has changed.
DROP INDEX movie_distmult IF EXISTS
