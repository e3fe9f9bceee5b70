package kgrec.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the network's columns need of the movies as of a time; see Python's `movie_state.py`. Row 0: an unknown movie. */
final class MovieState {
    /** Of the movies' deviations, as in Python's `baseline_estimates.py`. */
    private static final double SHRINKAGE = 4.0;
    static final String[] RELATIONS = {"director", "actor", "writer", "genre"};

    /** The entities of each movie, and the number and sum of the residuals of their movies' ratings. */
    record Relation(String name, int[] begin, int[] entity, double[] count, double[] residual) {}

    /** Only ratings strictly before this time are known. */
    long knownUntil;
    final double mean;
    private final double mostResidual;
    final int movies;
    final double[] year;
    final double[] deviation;
    /** By which a user's deviation is fitted; equals `deviation` only just after a fit. */
    final double[] fittedDeviation;
    final double[] count;
    final double[] residual;
    final double[] square;
    final double[] last;
    final double[] firstAt;
    final double[] lastAt;
    /** Exponentially weighted sums by name, as `week_residual` and `week_mass`. */
    final Map<String, double[]> weighted = new HashMap<>();
    final List<Relation> relations = new ArrayList<>();
    /** Movies by vectors, in whole multiples of 1 / 2048; null without vectors. */
    final short[] vectors;
    final int vectorSize;
    /** `ewma20`, `week` and so on. */
    final List<String> weightedNames = new ArrayList<>();
    private final Map<String, Integer> rows;
    /** What was known at ratings since the network was published, by user; see `Renewal`. */
    final Map<String, byte[]> newerPasts = new HashMap<>();

    private MovieState(MovieState other) {
        knownUntil = other.knownUntil;
        mean = other.mean;
        mostResidual = other.mostResidual;
        movies = other.movies;
        year = other.year;
        deviation = other.deviation.clone();
        fittedDeviation = other.fittedDeviation;
        count = other.count.clone();
        residual = other.residual.clone();
        square = other.square.clone();
        last = other.last.clone();
        firstAt = other.firstAt.clone();
        lastAt = other.lastAt.clone();
        other.weighted.forEach((name, values) -> weighted.put(name, values.clone()));
        weightedNames.addAll(other.weightedNames);
        for (Relation each : other.relations) {
            relations.add(new Relation(each.name, each.begin, each.entity, each.count.clone(), each.residual.clone()));
        }
        vectors = other.vectors;
        vectorSize = other.vectorSize;
        rows = other.rows;
    }

    /** A state whose statistics can change; what cannot is shared. */
    MovieState copy() {
        return new MovieState(this);
    }

    /**
     * Takes in one rating, later than all that are known.
     *
     * @param rest the rating minus its baseline estimate
     * @param fromUser the rating minus mean and user deviation
     */
    void take(int row, long at, double rest, double fromUser) {
        double total = deviation[row] * (count[row] + SHRINKAGE) + fromUser;
        for (String name : weightedNames) {
            double decay = count[row] == 0 ? 0 : Statistics.movieDecay(name).applyAsDouble((long) (at - lastAt[row]));
            double[] sums = weighted.get(name + "_residual");
            double[] masses = weighted.get(name + "_mass");
            sums[row] = rest + decay * sums[row];
            masses[row] = 1 + decay * masses[row];
        }
        if (count[row] == 0) {
            firstAt[row] = at;
        }
        lastAt[row] = at;
        last[row] = rest;
        count[row]++;
        residual[row] += rest;
        square[row] += Events.exact(rest * rest);
        deviation[row] = total / (count[row] + SHRINKAGE);
        for (Relation relation : relations) {
            for (int link = relation.begin[row]; link < relation.begin[row + 1]; link++) {
                relation.count[relation.entity[link]]++;
                relation.residual[relation.entity[link]] += rest;
            }
        }
    }

    MovieState(NamedArrays arrays) {
        rows = new HashMap<>();
        long[] until = arrays.longs("known_until");
        NamedArrays.require(until.length == 1, "`known_until` is no single number");
        knownUntil = until[0];
        mean = arrays.doubles("mean", 1)[0];
        mostResidual = arrays.doubles("most_residual", 1)[0];
        NamedArrays.require(mostResidual > 0, "`most_residual` is " + mostResidual);
        String[] tconsts = arrays.texts("tconst");
        movies = tconsts.length;
        for (int row = 1; row < movies; row++) {
            rows.put(tconsts[row], row);
        }
        year = arrays.doubles("year", movies);
        deviation = arrays.doubles("deviation", movies);
        fittedDeviation = arrays.doubles("fitted_deviation", movies);
        count = arrays.doubles("count", movies);
        residual = arrays.doubles("residual", movies);
        square = arrays.doubles("square", movies);
        last = arrays.doubles("last", movies);
        firstAt = arrays.doubles("first_at", movies);
        lastAt = arrays.doubles("last_at", movies);
        for (String name : arrays.names()) {
            if (name.endsWith("_mass")) {
                String other = name.replace("_mass", "_residual");
                weighted.put(name, arrays.doubles(name, movies));
                weighted.put(other, arrays.doubles(other, movies));
                weightedNames.add(name.replace("_mass", ""));
            }
        }
        for (String name : RELATIONS) {
            if (arrays.has(name + "_begin")) {
                relations.add(relation(arrays, name));
            }
        }
        vectors = arrays.has("vectors") ? arrays.shorts("vectors") : null;
        vectorSize = vectors == null ? 0 : arrays.width("vectors");
        NamedArrays.require(vectors == null || vectors.length == movies * (long) vectorSize, "`vectors` have other movies");
    }

    private Relation relation(NamedArrays arrays, String name) {
        int[] begin = arrays.ints(name + "_begin");
        int[] entity = arrays.ints(name + "_entity");
        double[] counts = arrays.doubles(name + "_count");
        double[] residuals = arrays.doubles(name + "_residual", counts.length);
        NamedArrays.require(begin.length == movies + 1 && begin[0] == 0 && begin[movies] == entity.length,
            "`" + name + "` has other movies");
        for (int row = 0; row < movies; row++) {
            NamedArrays.require(begin[row] <= begin[row + 1], "`" + name + "` is out of order");
        }
        for (int each : entity) {
            NamedArrays.require(each >= 0 && each < counts.length, "`" + name + "` names an unknown entity");
        }
        return new Relation(name, begin, entity, counts, residuals);
    }

    /** The rating minus its baseline estimate, bounded: one rating far from all others must not move every prediction. */
    double residual(double rating, double baseline) {
        return Math.clamp(Events.exact(rating - baseline), -mostResidual, mostResidual);
    }

    /** Row of a movie, 0 if it was not there when the network was published. */
    int row(String tconst) {
        return rows.getOrDefault(tconst, 0);
    }
}
