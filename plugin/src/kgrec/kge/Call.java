package kgrec.kge;

import java.util.function.BiFunction;

/** What one call of a procedure brings with it. */
record Call(Caller caller, Runnable guard, Vectors vectors, BiFunction<String, Long, Progress> tasks) {
    /** Throws where the transaction has been terminated. */
    void check() {
        guard.run();
    }

    Progress progress(String name, long volume) {
        return tasks.apply(name, volume);
    }
}
