package kgrec.recommend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.neo4j.graphdb.Direction;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Relationship;
import org.neo4j.graphdb.RelationshipType;
import org.neo4j.graphdb.Transaction;

/** Relationships of movies and people, read when first needed and kept. */
final class Rows {
    static final RelationshipType LIKED_TOGETHER = RelationshipType.withName("LIKED_TOGETHER");
    /** A person counts once for a movie, in whatever role. */
    static final RelationshipType[] ROLES = {RelationshipType.withName("DIRECTED"), RelationshipType.withName("ACTED_IN"),
        RelationshipType.withName("WROTE")};
    private static final int OBJECT_BYTES = 80;

    private final Catalogue catalogue;
    private final AtomicReferenceArray<Together> together;
    private final AtomicReferenceArray<Person[]> people;
    private final ConcurrentHashMap<Long, Person> persons = new ConcurrentHashMap<>();
    private final LongAdder bytes = new LongAdder();

    /** What liking a movie says for others; movie indices ascending. */
    record Together(int[] movies, double[] weights) {}

    /** A person, and the indices of their movies. */
    record Person(long nodeId, double idf, int[] movies) {}

    Rows(Catalogue catalogue) {
        this.catalogue = catalogue;
        together = new AtomicReferenceArray<>(catalogue.size());
        people = new AtomicReferenceArray<>(catalogue.size());
    }

    /** Heap that the rows take, about. */
    long bytes() {
        return bytes.sum();
    }

    Together together(int movie, Supplier<Transaction> committed) {
        Together row = together.get(movie);
        if (row == null) {
            row = readTogether(committed.get().getNodeById(catalogue.nodeId(movie)));
            together.set(movie, row);
            bytes.add(OBJECT_BYTES + 12L * row.movies.length);
        }
        return row;
    }

    private record Weight(int movie, double value) {}

    private Together readTogether(Node movie) {
        List<Weight> found = new ArrayList<>();
        for (Relationship edge : movie.getRelationships(Direction.OUTGOING, LIKED_TOGETHER)) {
            int other = catalogue.index(edge.getEndNodeId());
            if (other >= 0 && edge.getProperty("weight", null) instanceof Number weight) {
                found.add(new Weight(other, weight.doubleValue()));
            }
        }
        found.sort(Comparator.comparingInt(Weight::movie));
        return new Together(found.stream().mapToInt(Weight::movie).toArray(),
            found.stream().mapToDouble(Weight::value).toArray());
    }

    Person[] people(int movie, Supplier<Transaction> committed) {
        Person[] row = people.get(movie);
        if (row == null) {
            List<Person> found = new ArrayList<>();
            for (Relationship role : committed.get().getNodeById(catalogue.nodeId(movie))
                    .getRelationships(Direction.INCOMING, ROLES)) {
                Person person = person(role.getStartNode());
                if (!found.contains(person)) {
                    found.add(person);
                }
            }
            row = found.toArray(Person[]::new);
            people.set(movie, row);
            bytes.add(OBJECT_BYTES + 4L * row.length);
        }
        return row;
    }

    private Person person(Node node) {
        return persons.computeIfAbsent(node.getId(), id -> {
            List<Integer> found = new ArrayList<>();
            for (Relationship role : node.getRelationships(Direction.OUTGOING, ROLES)) {
                found.add(catalogue.index(role.getEndNodeId()));
            }
            int[] movies = found.stream().mapToInt(Integer::intValue).filter(movie -> movie >= 0).distinct().toArray();
            bytes.add(2 * OBJECT_BYTES + 4L * movies.length);
            double idf = node.getProperty("idf", null) instanceof Number number ? number.doubleValue() : 0;
            return new Person(id, idf, movies);
        });
    }
}
