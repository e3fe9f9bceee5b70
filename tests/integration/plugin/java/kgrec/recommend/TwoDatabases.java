package kgrec.recommend;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.graphdb.GraphDatabaseService;

/**
 * Two databases in one Java: Neo4j Community serves one, so each has a management service. They share the plugin's classes
 * and so what these keep. Prints what `kgrec.recommend` answers in each, in turn, before and after a change of the first.
 *
 * Arguments: a folder for the databases, the folder of the plugins, and the query that fills a database, with $movies.
 */
public final class TwoDatabases {
    private TwoDatabases() {}

    public static void main(String[] arguments) {
        DatabaseManagementService first = start(arguments, "first");
        DatabaseManagementService second = start(arguments, "second");
        try {
            GraphDatabaseService one = first.database("first");
            GraphDatabaseService two = second.database("second");
            one.executeTransactionally(arguments[2], Map.of("movies", List.of("tt1", "tt2")));
            two.executeTransactionally(arguments[2], Map.of("movies", List.of("tt2", "tt3", "tt1")));
            for (int i = 0; i < 2; i++) {
                ask(one);
                ask(two);
            }
            one.executeTransactionally("MATCH (m:Movie {tconst: 'tt2'}) SET m.popularity = 100.0");
            ask(one);
            ask(two);
        } finally {
            first.shutdown();
            second.shutdown();
        }
    }

    private static DatabaseManagementService start(String[] arguments, String name) {
        return new DatabaseManagementServiceBuilder(Path.of(arguments[0], name))
            .setConfig(GraphDatabaseSettings.initial_default_database, name)
            .setConfig(GraphDatabaseSettings.plugin_dir, Path.of(arguments[1]))
            .setConfig(GraphDatabaseSettings.procedure_unrestricted, List.of("kgrec.*"))
            .setConfig(GraphDatabaseSettings.preallocate_logical_logs, false)
            .build();
    }

    private static void ask(GraphDatabaseService database) {
        String query = "CALL kgrec.recommend('somebody') YIELD movie RETURN collect(movie.tconst) AS movies";
        System.out.println(database.executeTransactionally(query, Map.of(), rows -> rows.next().get("movies")));
    }
}
