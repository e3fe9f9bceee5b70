package kgrec.recommend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;

/**
 * The parts of a movie's score, which sum to it: the strongest liked movies and people, popularity, and all other parts
 * together.
 */
final class Reasons {
    private Reasons() {}

    private record Part(long nodeId, double value) {}

    /** @param most how many movies and how many people to name */
    static List<Map<String, Object>> of(Transaction tx, Catalogue catalogue, Scores scores, int movie, int most) {
        List<Part> movies = strongest(IntStream.of(scores.liked())
            .mapToObj(liked -> new Part(catalogue.nodeId(liked), scores.togetherPart(liked, movie))));
        List<Part> people = strongest(Stream.of(scores.people(movie))
            .map(person -> new Part(person.nodeId(), scores.personPart(person, movie))));
        List<Map<String, Object>> named = new ArrayList<>();
        double other = 0;
        for (int i = 0; i < movies.size(); i++) {
            Part part = movies.get(i);
            if (i < most && part.value > 0) {
                named.add(reason(tx, "likedTogether", "movie", "tconst", part));
            } else {
                other += part.value;
            }
        }
        for (int i = 0; i < people.size(); i++) {
            Part part = people.get(i);
            if (i < most && part.value > 0) {
                named.add(reason(tx, "people", "person", "nconst", part));
            } else {
                other += part.value;
            }
        }
        named.add(reason("popularity", scores.popularityPart(movie)));
        named.sort(Comparator.comparingDouble(reason -> -(double) reason.get("part")));
        named.add(reason("other", other));
        return named;
    }

    private static List<Part> strongest(Stream<Part> parts) {
        return parts.filter(part -> part.value != 0).sorted(Comparator.comparingDouble(part -> -part.value)).toList();
    }

    private static Map<String, Object> reason(String type, double part) {
        Map<String, Object> reason = new LinkedHashMap<>();
        reason.put("type", type);
        reason.put("part", part);
        return reason;
    }

    private static Map<String, Object> reason(Transaction tx, String type, String name, String key, Part part) {
        Map<String, Object> reason = reason(type, part.value);
        Node node = tx.getNodeById(part.nodeId);
        reason.put(name, node);
        reason.put(key, node.getProperty(key, null));
        return reason;
    }
}
