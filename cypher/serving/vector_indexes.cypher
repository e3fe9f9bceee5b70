// The vector indexes and the size of the vectors they hold.
SHOW VECTOR INDEXES YIELD name, options
RETURN name, options.indexConfig['vector.dimensions'] AS size
