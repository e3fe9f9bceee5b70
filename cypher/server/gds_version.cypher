// Return the version of the Graph Data Science library.
RETURN gds.version() AS version
