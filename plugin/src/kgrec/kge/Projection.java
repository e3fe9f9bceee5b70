package kgrec.kge;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.neo4j.gds.NodeLabel;
import org.neo4j.gds.Orientation;
import org.neo4j.gds.RelationshipType;
import org.neo4j.gds.api.Graph;
import org.neo4j.gds.api.GraphStore;
import org.neo4j.gds.core.loading.GraphStoreCatalog;
import org.neo4j.gds.core.loading.GraphStoreCatalogEntry;
import org.neo4j.gds.projection.GraphProjectFromStoreConfig;

/** A graph of GDS's catalogue as triples: nodes are entities, relationship types are relations. */
final class Projection {
    private final String name;
    private final GraphStore store;
    private final Collection<NodeLabel> labels;
    private final Collection<RelationshipType> types;
    /** A graph of the store with the chosen labels, to map node ids. */
    private final Graph nodes;
    /** Neo4j node id by entity, and entity by GDS's internal node id. */
    private final long[] nodeIds;
    private int[] entityOf;

    /**
     * @throws java.util.NoSuchElementException if there is no such graph, with GDS's message
     * @throws IllegalArgumentException if a label or type is unknown, or an orientation is not NATURAL
     */
    Projection(Caller caller, String name, List<String> labels, List<String> types) {
        this.name = name;
        GraphStoreCatalogEntry entry = GraphStoreCatalog.get(caller.user(), caller.database(), name);
        store = entry.graphStore();
        this.labels = chosen(labels, store.nodeLabels(), NodeLabel::of, "node label");
        this.types = chosen(types, store.relationshipTypes(), RelationshipType::of, "relationship type");
        refuseOrientation(entry);
        if (store.nodeCount() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("Graph `" + name + "` has " + store.nodeCount() + " nodes, but at most 2^31 "
                + "can be trained on.");
        }
        nodes = store.getGraph(this.labels, this.types, Optional.empty());
        nodeIds = new long[(int) nodes.nodeCount()];
        entityOf = new int[nodeIds.length];
        for (int i = 0; i < nodeIds.length; i++) {
            nodeIds[i] = nodes.toOriginalNodeId(i);
            entityOf[i] = i;
        }
    }

    private <T> Collection<T> chosen(List<String> wanted, Collection<T> present, java.util.function.Function<String, T> of,
            String what) {
        if (wanted.contains("*")) {
            return present;
        }
        List<T> result = wanted.stream().map(of).toList();
        List<T> missing = result.stream().filter(item -> !present.contains(item)).toList();
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("Could not find the specified " + what + "(s) "
                + missing.stream().map(Projection::nameOf).toList() + " in graph `" + name + "`. Available are "
                + present.stream().map(Projection::nameOf).sorted().toList() + ".");
        }
        return result;
    }

    private static String nameOf(Object identifier) {
        return ((org.neo4j.gds.ElementIdentifier) identifier).name();
    }

    private void refuseOrientation(GraphStoreCatalogEntry entry) {
        Map<String, String> wrong = new HashMap<>();
        for (RelationshipType type : types) {
            if (store.schema().relationshipSchema().isUndirected(type)) {
                wrong.put(type.name(), "UNDIRECTED");
            }
        }
        if (entry.config() instanceof GraphProjectFromStoreConfig config) {
            config.relationshipProjections().projections().forEach((type, projection) -> {
                if (projection.orientation() == Orientation.REVERSE && types.contains(type)) {
                    wrong.put(type.name(), "REVERSE");
                }
            });
        }
        if (!wrong.isEmpty()) {
            String list = new TreeSet<>(wrong.keySet()).stream().map(type -> "`" + type + "` (" + wrong.get(type) + ")")
                .collect(Collectors.joining(", "));
            throw new IllegalArgumentException("Knowledge-graph embeddings need relationships projected with orientation "
                + "NATURAL, but in graph `" + name + "` these are not: " + list + ". Project them with orientation NATURAL: "
                + "inverse triples would force every relation to 0 and leak into the evaluation.");
        }
    }

    int entityCount() {
        return nodeIds.length;
    }

    long relationshipCount() {
        return types.stream().mapToLong(store::relationshipCount).sum();
    }

    long nodeId(int entity) {
        return nodeIds[entity];
    }

    /** Names of the relationship types, sorted; a relation's number is its index. */
    List<String> typeNames() {
        return types.stream().map(RelationshipType::name).sorted().toList();
    }

    /** Renumbers the entities: entity i becomes the node that is now entity `order[i]`. */
    void reorder(int[] order) {
        long[] old = nodeIds.clone();
        for (int i = 0; i < order.length; i++) {
            nodeIds[i] = old[order[i]];
            entityOf[order[i]] = i;
        }
    }

    /** Triples of this projection. */
    Triples triples() {
        return triples(this, typeNames());
    }

    /**
     * Triples of this projection, numbered as in another projection.
     *
     * @param base projection with the numbers of the entities
     * @param names relation names by number; all types of this projection are among them
     * @throws IllegalArgumentException if a node of a relationship is not in `base`
     */
    Triples triples(Projection base, List<String> names) {
        long[][] pairs = new long[names.size()][];
        Arrays.fill(pairs, new long[0]);
        for (RelationshipType type : types) {
            pairs[names.indexOf(type.name())] = pairs(type, base);
        }
        return new Triples(pairs);
    }

    private long[] pairs(RelationshipType type, Projection base) {
        Graph graph = store.getGraph(labels, List.of(type), Optional.empty());
        int[] entities = base == this ? entityOf : entitiesIn(base);
        long[] pairs = new long[Math.toIntExact(graph.relationshipCount())];
        int[] next = {0};
        for (long node = 0; node < graph.nodeCount(); node++) {
            graph.forEachRelationship(node, (source, target) -> {
                int head = entities[(int) source];
                int tail = entities[(int) target];
                if (head < 0 || tail < 0) {
                    throw new IllegalArgumentException("Graph `" + name + "` has a relationship of type `" + type.name()
                        + "` between nodes that are not both in graph `" + base.name + "`. Project all nodes into "
                        + "both graphs.");
                }
                pairs[next[0]++] = Triples.pair(head, tail);
                return true;
            });
        }
        return Arrays.copyOf(pairs, next[0]);
    }

    private int[] entitiesIn(Projection base) {
        int[] entities = new int[nodeIds.length];
        for (int i = 0; i < entities.length; i++) {
            long mapped = base.nodes.toMappedNodeId(nodeIds[i]);
            entities[i] = mapped < 0 ? -1 : base.entityOf[(int) mapped];
        }
        return entities;
    }
}
