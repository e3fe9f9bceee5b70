package kgrec.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.neo4j.graphdb.Node;

/** A network in memory with the movies that it knows. Callers hold it while they use it; a replaced one closes after the last. */
final class LoadedNetwork {
    private static final double LEAST = 1;
    private static final double MOST = 10;
    private static final int BLOCK = 2048;

    final MovieState state;
    final int bytes;
    private final Network network;
    private final List<String> columns;
    private final float[] items;
    private final int block;
    private final int burnIn;
    private final int window;
    private int holders;
    private boolean retired;
    private boolean closed;

    /** @param renewal what to do with the published statistics, for example bring them up to date */
    LoadedNetwork(byte[] content, UnaryOperator<MovieState> renewal) {
        NamedArrays arrays = new NamedArrays(content);
        bytes = content.length;
        state = renewal.apply(new MovieState(arrays));
        columns = List.of(arrays.texts("columns"));
        items = arrays.floats("items");
        NamedArrays.require(items.length == (long) state.movies * arrays.width("items"), "`items` has other movies");
        block = positive(arrays, "block");
        burnIn = arrays.number("burn_in");
        window = positive(arrays, "attention_steps");
        NamedArrays.require(burnIn >= 0 && burnIn <= 4096, "`burn_in` is " + burnIn);
        Columns row = new Columns(columns);
        new Rows(state, History.of(List.of()), 0, 0).fill(row, 0);
        List<String> unknown = row.missing();
        NamedArrays.require(unknown.isEmpty(), "it reads columns that this plugin cannot compute: "
            + String.join(", ", unknown));
        network = new Network(arrays);
    }

    private static int positive(NamedArrays arrays, String name) {
        int number = arrays.number(name);
        NamedArrays.require(number > 0 && number <= 4096, "`" + name + "` is " + number);
        return number;
    }

    /** Counts a caller; false if it is closed. */
    synchronized boolean hold() {
        if (!closed) {
            holders++;
        }
        return !closed;
    }

    synchronized void release() {
        holders--;
        closeIfUnused();
    }

    /** Takes no more callers, and closes after the last. */
    synchronized void retire() {
        retired = true;
        closeIfUnused();
    }

    private void closeIfUnused() {
        if (retired && holders == 0 && !closed) {
            closed = true;
            network.close();
        }
    }

    /** Ratings of some movies at a time `ratedAt`, from what was known strictly before `at`. */
    List<ScoredRating> score(History given, List<Node> movies, long at, long ratedAt, Runnable check) {
        if (at < Calendar.LEAST || Math.max(at, ratedAt) > Calendar.MOST) {
            throw new IllegalArgumentException("Cannot predict for the time " + at + "; expected epoch seconds within ["
                + Calendar.LEAST + ", " + Calendar.MOST + "]. Is a `ratedAt` or `asOf` in milliseconds?");
        }
        History history = given.before(at);
        Rows rows = new Rows(state, given, at, ratedAt);
        int size = history.entries().size();
        int begin = Math.max(size / block * block - burnIn, 0);
        Network.Encoded encoded = encode(rows.events, begin);
        int attended = Math.min(encoded.steps(), window);
        List<HistoryEntry> steps = history.entries().subList(size - attended, size);
        List<String> attentionMovies = steps.stream().map(HistoryEntry::tconst).toList();
        float[] hours = new float[attended];
        for (int i = 0; i < attended; i++) {
            hours[i] = Math.max((float) (ratedAt - steps.get(i).ratedAt()), 0f) / 3600f;
        }
        List<ScoredRating> found = new ArrayList<>(movies.size());
        for (int low = 0; low < movies.size(); low += BLOCK) {
            List<Node> block = movies.subList(low, Math.min(low + BLOCK, movies.size()));
            scoreBlock(found, rows, encoded, block, hours, attentionMovies, check);
        }
        return found;
    }

    private Network.Encoded encode(Events events, int begin) {
        int steps = events.size - begin;
        int width = network.itemSize;
        float[] representations = new float[steps * width];
        float[] residual = new float[steps];
        float[] rating = new float[steps];
        float[] logGap = new float[steps];
        for (int i = 0; i < steps; i++) {
            int event = begin + i;
            System.arraycopy(items, events.row[event] * width, representations, i * width, width);
            residual[i] = (float) events.residual[event];
            rating[i] = (float) ((events.rating[event] - 6.5) / 2);
            long gap = event == 0 ? 0 : events.at[event] - events.at[event - 1];
            logGap[i] = (float) (Math.log1p(gap / 3600.0) / 5);
        }
        return network.encode(representations, residual, rating, logGap);
    }

    private void scoreBlock(List<ScoredRating> found, Rows rows, Network.Encoded encoded, List<Node> movies,
            float[] hours, List<String> attentionMovies, Runnable check) {
        int width = network.itemSize;
        float[] representations = new float[movies.size() * width];
        float[] features = new float[movies.size() * columns.size()];
        double[] baseline = new double[movies.size()];
        Columns row = new Columns(columns);
        rows.fillShared(row);
        for (int i = 0; i < movies.size(); i++) {
            if (i % 128 == 0) {
                check.run();
            }
            int movie = state.row(tconst(movies.get(i)));
            System.arraycopy(items, movie * width, representations, i * width, width);
            MovieTally tally = rows.knownUntil >= state.knownUntil ? MovieTally.published(state, movie)
                : MovieTally.asOf(state, movie, movies.get(i), rows.knownUntil, check);
            baseline[i] = rows.fillMovie(row, movie, tally);
            System.arraycopy(row.values, 0, features, i * columns.size(), columns.size());
        }
        Network.Scored scored = network.score(encoded, representations, features, hours);
        for (int i = 0; i < movies.size(); i++) {
            double rating = (float) baseline[i] + scored.residual()[i];
            List<Double> weights = new ArrayList<>(hours.length);
            for (float weight : scored.weights()[i]) {
                weights.add((double) weight);
            }
            found.add(new ScoredRating(Math.clamp(rating, LEAST, MOST), attentionMovies, weights));
        }
    }

    private static String tconst(Node movie) {
        if (movie != null && movie.getProperty("tconst", null) instanceof String tconst) {
            return tconst;
        }
        throw new IllegalArgumentException("A node without a `tconst` is no movie; expected nodes labelled `Movie`.");
    }

    /** The columns of candidates for one history. */
    private static final class Rows {
        final Events events;
        private final MovieState state;
        final long knownUntil;
        private final long at;
        private final Ridge ridge;
        private final List<Entities> entities;

        Rows(MovieState state, History history, long knownUntil, long at) {
            this.state = state;
            this.at = at;
            this.knownUntil = knownUntil;
            events = new Events(state, history, knownUntil);
            ridge = new Ridge(events);
            entities = state.relations.stream().map(relation -> new Entities(state, relation, events)).toList();
        }

        void fill(Columns columns, int movie) {
            fillShared(columns);
            fillMovie(columns, movie, MovieTally.published(state, movie));
        }

        void fillShared(Columns columns) {
            columns.put("baseline_mean", state.mean);
            columns.put("baseline_user", events.userDeviation);
            columns.put("delay", Math.log1p((at - knownUntil) / 60.0));
            Calendar.columns(columns, at);
            Statistics.user(columns, events, at);
        }

        /** Fills the columns of a movie and returns its baseline estimate. */
        double fillMovie(Columns columns, int movie, MovieTally tally) {
            double deviation = tally.deviation();
            double baseline = state.mean + events.userDeviation + deviation;
            columns.put("baseline", baseline);
            columns.put("baseline_movie", deviation);
            double year = Double.isFinite(state.year[movie]) ? state.year[movie] : Calendar.year(at);
            columns.put("movie_year", year);
            columns.put("movie_years_old", Calendar.yearWithFraction(at) - year);
            columns.put("ridge_prediction",
                ridge.predict(Events.covariates(state.year[movie], at, tally.count(), deviation)));
            Statistics.movie(columns, tally, at);
            entities.forEach(each -> each.columns(columns, movie));
            Similarity.columns(columns, state, events, movie);
            return baseline;
        }
    }
}
