package kgrec.recommend;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import kgrec.model.HistoryEntry;
import org.neo4j.graphdb.Direction;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Relationship;
import org.neo4j.graphdb.RelationshipType;

/** Movies that somebody has rated, by movie index, with their last rating of each. */
final class RatedMovies {
    private static final RelationshipType RATED = RelationshipType.withName("RATED");
    /** Lowest rating of a liked movie. */
    private static final double LIKED = 8;

    private final int[] movies;
    private final double[] ratings;

    private RatedMovies(int[] movies, double[] ratings) {
        this.movies = movies;
        this.ratings = ratings;
    }

    /** The ratings of a user before a time, as the caller's transaction sees them. */
    static RatedMovies of(Node user, Catalogue catalogue, Long asOf) {
        Map<Integer, Last> last = new LinkedHashMap<>();
        for (Relationship rated : user.getRelationships(Direction.OUTGOING, RATED)) {
            long at = rated.getProperty("ratedAt", null) instanceof Number time ? time.longValue() : Long.MIN_VALUE;
            if (rated.getProperty("rating", null) instanceof Number rating) {
                put(last, catalogue.index(rated.getEndNodeId()), rating.doubleValue(), at, asOf);
            }
        }
        return of(last);
    }

    /** @param entries ratings by the node of the movie */
    static RatedMovies of(Map<Node, HistoryEntry> entries, Catalogue catalogue, Long asOf) {
        Map<Integer, Last> last = new LinkedHashMap<>();
        entries.forEach((movie, entry) -> put(last, catalogue.index(movie.getId()), entry.rating(), entry.ratedAt(), asOf));
        return of(last);
    }

    private record Last(double rating, long at) {}

    private static void put(Map<Integer, Last> last, int movie, double rating, long at, Long asOf) {
        if (movie >= 0 && (asOf == null || at < asOf)) {
            last.merge(movie, new Last(rating, at), (one, other) -> other.at >= one.at ? other : one);
        }
    }

    private static RatedMovies of(Map<Integer, Last> last) {
        int[] movies = last.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
        return new RatedMovies(movies, IntStream.of(movies).mapToDouble(movie -> last.get(movie).rating).toArray());
    }

    RatedMovies without(Set<Integer> left) {
        int[] places = IntStream.range(0, movies.length).filter(i -> !left.contains(movies[i])).toArray();
        return new RatedMovies(IntStream.of(places).map(i -> movies[i]).toArray(),
            IntStream.of(places).mapToDouble(i -> ratings[i]).toArray());
    }

    int[] movies() {
        return movies;
    }

    int[] liked() {
        return IntStream.range(0, movies.length).filter(i -> ratings[i] >= LIKED).map(i -> movies[i]).toArray();
    }

    boolean contains(int movie) {
        return Arrays.binarySearch(movies, movie) >= 0;
    }

    double rating(int movie) {
        return ratings[Arrays.binarySearch(movies, movie)];
    }
}
