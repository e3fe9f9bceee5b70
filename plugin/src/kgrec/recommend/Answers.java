package kgrec.recommend;

import java.util.List;
import java.util.Map;
import kgrec.model.ScoredRating;
import org.neo4j.graphdb.Node;

/** Result rows; the public fields are the columns. */
public final class Answers {
    private Answers() {}

    /** A recommended movie. */
    public static final class Recommended {
        public final Node movie;
        public final Long rank;
        public final Double score;
        public final Double rating;
        public final List<Map<String, Object>> reasons;
        public final List<String> attentionMovies;
        public final List<Double> attentionWeights;

        Recommended(Node movie, long rank, double score, ScoredRating rating, List<Map<String, Object>> reasons) {
            this.movie = movie;
            this.rank = rank;
            this.score = score;
            this.rating = Ratings.value(rating);
            this.reasons = reasons;
            attentionMovies = rating.attentionMovies();
            attentionWeights = rating.attentionWeights();
        }
    }

    /** Why a movie has its rank and rating. */
    public static final class Explained {
        public final Node movie;
        public final Long rank;
        public final Double score;
        public final Double rating;
        public final List<Map<String, Object>> reasons;
        public final List<String> attentionMovies;
        public final List<Double> attentionWeights;
        public final List<Map<String, Object>> counterfactuals;

        /** @param rank null if the filters leave the movie out */
        Explained(Node movie, Long rank, double score, ScoredRating rating, List<Map<String, Object>> reasons,
                List<Map<String, Object>> counterfactuals) {
            this.movie = movie;
            this.rank = rank;
            this.score = score;
            this.rating = Ratings.value(rating);
            this.reasons = reasons;
            attentionMovies = rating.attentionMovies();
            attentionWeights = rating.attentionWeights();
            this.counterfactuals = counterfactuals;
        }
    }
}
