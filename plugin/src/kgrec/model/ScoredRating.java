package kgrec.model;

import java.util.List;

/**
 * A predicted rating and where the network looked.
 *
 * @param rating 1 to 10
 * @param attentionMovies tconst of the latest ratings that it could see, oldest first
 * @param attentionWeights one for each of these; they sum to 1
 */
public record ScoredRating(double rating, List<String> attentionMovies, List<Double> attentionWeights) {}
