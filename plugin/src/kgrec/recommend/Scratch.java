package kgrec.recommend;

import java.util.Arrays;

/** Sums by movie index, mostly zero, with a list of the movies where they are not. */
final class Scratch {
    static final int MOVIE_BYTES = 8 + 8 + 4 + 1 + 1;

    final double[] together;
    final double[] people;
    final boolean[] rated;
    private final boolean[] listed;
    private final int[] touched;
    private int count;

    Scratch(int movies) {
        together = new double[movies];
        people = new double[movies];
        rated = new boolean[movies];
        listed = new boolean[movies];
        touched = new int[movies];
    }

    /** Lists a movie, which is then cleared with the others. */
    void touch(int movie) {
        if (!listed[movie]) {
            listed[movie] = true;
            touched[count++] = movie;
        }
    }

    int[] touched() {
        return Arrays.copyOf(touched, count);
    }

    void clear() {
        for (int i = 0; i < count; i++) {
            int movie = touched[i];
            together[movie] = 0;
            people[movie] = 0;
            rated[movie] = false;
            listed[movie] = false;
        }
        count = 0;
    }
}
