package kgrec.model;

import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** The calendar columns of a time, UTC. */
final class Calendar {
    private static final int DAY = 86_400;
    /** Years 0 to 9999: a time beyond them is a mistake, and must not end in an error of the calendar. */
    static final long LEAST = -62_167_219_200L;
    static final long MOST = 253_402_300_799L;

    private Calendar() {}

    static int year(long at) {
        return time(at).getYear();
    }

    /** The year with its fraction. */
    static double yearWithFraction(long at) {
        LocalDateTime time = time(at);
        return time.getYear() + (time.getDayOfYear() - 1) / 366.0;
    }

    static void columns(Columns columns, long at) {
        long second = Math.floorMod(at, DAY);
        double angle = 2 * Math.PI * second / DAY;
        double timed = second == 0 ? 0 : 1; // a date without a time stands at midnight exactly
        columns.put("time_year", yearWithFraction(at));
        columns.put("time_hour_sin", Math.sin(angle) * timed);
        columns.put("time_hour_cos", Math.cos(angle) * timed);
    }

    private static LocalDateTime time(long at) {
        return LocalDateTime.ofEpochSecond(Math.clamp(at, LEAST, MOST), 0, ZoneOffset.UTC);
    }
}
