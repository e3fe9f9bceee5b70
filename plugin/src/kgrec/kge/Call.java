package kgrec.kge;

import java.util.function.BiFunction;
import org.neo4j.gds.core.JobId;

/**
 * Context of one procedure call.
 *
 * @param job id in GDS's progress list
 * @param guard throws if the transaction has been terminated
 * @param tasks opens a progress task by name and volume
 */
record Call(Caller caller, JobId job, Runnable guard, Vectors vectors, BiFunction<String, Long, Progress> tasks) {
    /** Throws if the transaction has been terminated. */
    void check() {
        guard.run();
    }

    Progress progress(String name, long volume) {
        return tasks.apply(name, volume);
    }
}
