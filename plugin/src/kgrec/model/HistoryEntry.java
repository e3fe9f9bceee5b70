package kgrec.model;

/**
 * One rating of a history.
 *
 * @param tconst the movie's id
 * @param rating 1 to 10
 * @param ratedAt epoch seconds, UTC
 */
public record HistoryEntry(String tconst, double rating, long ratedAt) {}
