// Return the vector indexes and the size of their vectors.
SHOW VECTOR INDEXES YIELD name, options
RETURN name, options.indexConfig['vector.dimensions'] AS size
