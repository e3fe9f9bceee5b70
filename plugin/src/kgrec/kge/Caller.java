package kgrec.kge;

/** User and database of a call; GDS keeps a graph catalogue for each pair. */
record Caller(String user, String database) {}
