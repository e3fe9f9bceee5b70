// Drop a vector index, whose vectors have changed in size.
// params: name
DROP INDEX $name IF EXISTS
