package kgrec.recommend;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.neo4j.graphdb.Transaction;

/**
 * Ranking scores of all movies for one history:
 *
 * <p>score(m) = a E(m) / sd(E) + b F(m) / sd(F) + c P(m) / sd(P), with deviations over all movies that are not rated; a part
 * whose deviation is 0 counts 0. E: weights of LIKED_TOGETHER from the liked movies. F: cosine of TF-IDF over people, summed
 * over the liked movies. P: popularity.
 */
final class Scores implements AutoCloseable {
    private final Catalogue catalogue;
    private final Rows rows;
    private final Supplier<Transaction> committed;
    private final Runnable check;
    private final Popularity popularity;
    private final Scratch scratch;
    private final int[] liked;
    /** Sum over liked movies l with the person of idf^2 / |l|. */
    private final Map<Rows.Person, Double> shares = new LinkedHashMap<>();
    private final double togetherFactor;
    private final double peopleFactor;
    private final double popularityFactor;

    /** @param people whether shared people are asked for even if the run gives them no weight */
    Scores(RankingRun run, Catalogue catalogue, Popularity popularity, RatedMovies rated, boolean people,
            Supplier<Transaction> committed, Runnable check) {
        this.catalogue = catalogue;
        this.committed = committed;
        this.check = check;
        this.popularity = popularity;
        rows = catalogue.rows();
        liked = rated.liked();
        scratch = catalogue.scratch();
        for (int movie : rated.movies()) {
            scratch.touch(movie);
            scratch.rated[movie] = true;
        }
        if (run.togetherWeight() != 0) {
            addTogether();
        }
        if (people || run.peopleWeight() != 0) {
            addPeople();
        }
        int unrated = catalogue.size() - rated.movies().length;
        double[] sums = new double[4];
        for (int movie : scratch.touched()) {
            if (!scratch.rated[movie]) {
                sums[0] += scratch.together[movie];
                sums[1] += scratch.together[movie] * scratch.together[movie];
                sums[2] += scratch.people[movie];
                sums[3] += scratch.people[movie] * scratch.people[movie];
            }
        }
        togetherFactor = factor(run.togetherWeight(), sums[0], sums[1], unrated);
        peopleFactor = factor(run.peopleWeight(), sums[2], sums[3], unrated);
        double sum = popularity.sum;
        double squares = popularity.squares;
        for (int movie : rated.movies()) {
            sum -= popularity.of(movie);
            squares -= popularity.of(movie) * popularity.of(movie);
        }
        popularityFactor = factor(run.popularityWeight(), sum, squares, unrated);
    }

    /** Weight by standard deviation of values of which most are 0; 0 where only rounding is left of the variance. */
    private static double factor(double weight, double sum, double squares, int count) {
        if (count <= 0 || squares <= 0) {
            return 0;
        }
        double mean = sum / count;
        double variance = squares / count - mean * mean;
        return variance > 1e-12 * squares / count ? weight / Math.sqrt(variance) : 0;
    }

    private void addTogether() {
        for (int movie : liked) {
            check.run();
            Rows.Together row = rows.together(movie, committed);
            for (int i = 0; i < row.movies().length; i++) {
                scratch.touch(row.movies()[i]);
                scratch.together[row.movies()[i]] += row.weights()[i];
            }
        }
    }

    private void addPeople() {
        for (int movie : liked) {
            check.run();
            for (Rows.Person person : rows.people(movie, committed)) {
                double share = share(person, movie);
                if (share != 0) {
                    shares.merge(person, share, Double::sum);
                }
            }
        }
        shares.forEach((person, share) -> {
            for (int movie : person.movies()) {
                if (catalogue.peopleNorm(movie) > 0) {
                    scratch.touch(movie);
                    scratch.people[movie] += share / catalogue.peopleNorm(movie);
                }
            }
        });
    }

    private double share(Rows.Person person, int liked) {
        double norm = catalogue.peopleNorm(liked);
        return norm > 0 ? person.idf() * person.idf() / norm : 0;
    }

    boolean isRated(int movie) {
        return scratch.rated[movie];
    }

    double of(int movie) {
        return togetherFactor * scratch.together[movie] + peopleFactor * scratch.people[movie]
            + popularityFactor * popularity.of(movie);
    }

    int ratings(int movie) {
        return popularity.ratings(movie);
    }

    /** F. */
    double sharedPeople(int movie) {
        return scratch.people[movie];
    }

    int[] liked() {
        return liked;
    }

    /** Part of the score that a liked movie gives by LIKED_TOGETHER. */
    double togetherPart(int liked, int movie) {
        if (togetherFactor == 0) {
            return 0;
        }
        Rows.Together row = rows.together(liked, committed);
        int place = Arrays.binarySearch(row.movies(), movie);
        return place < 0 ? 0 : togetherFactor * row.weights()[place];
    }

    Rows.Person[] people(int movie) {
        return rows.people(movie, committed);
    }

    /** Part of the score that a person gives, over all liked movies. */
    double personPart(Rows.Person person, int movie) {
        Double share = shares.get(person);
        double norm = catalogue.peopleNorm(movie);
        return share == null || norm <= 0 ? 0 : peopleFactor * share / norm;
    }

    /** Part of the score that a liked movie gives, by LIKED_TOGETHER and by the people that it shares. */
    double partOf(int liked, int movie) {
        double part = togetherPart(liked, movie);
        double norm = catalogue.peopleNorm(movie);
        if (peopleFactor != 0 && norm > 0) {
            List<Rows.Person> own = List.of(people(movie));
            for (Rows.Person person : people(liked)) {
                if (own.contains(person)) {
                    part += peopleFactor * share(person, liked) / norm;
                }
            }
        }
        return part;
    }

    double popularityPart(int movie) {
        return popularityFactor * popularity.of(movie);
    }

    @Override
    public void close() {
        catalogue.release(scratch);
    }
}
