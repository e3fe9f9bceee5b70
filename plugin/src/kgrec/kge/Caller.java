package kgrec.kge;

/** Who calls, and on which database: GDS keeps a catalogue for each pair. */
record Caller(String user, String database) {}
