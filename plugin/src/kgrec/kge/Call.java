package kgrec.kge;

import java.util.function.BiFunction;
import org.neo4j.gds.core.JobId;

/**
 * What one call of a procedure brings with it.
 *
 * @param job what GDS's progress list shows it under
 */
record Call(Caller caller, JobId job, Runnable guard, Vectors vectors, BiFunction<String, Long, Progress> tasks) {
    /** Throws where the transaction has been terminated. */
    void check() {
        guard.run();
    }

    Progress progress(String name, long volume) {
        return tasks.apply(name, volume);
    }
}
