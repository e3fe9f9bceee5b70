package kgrec.kge;

import org.neo4j.gds.core.JobId;
import org.neo4j.gds.core.utils.progress.TaskRegistry;
import org.neo4j.gds.core.utils.progress.TaskRegistryFactory;
import org.neo4j.gds.core.utils.progress.tasks.Task;
import org.neo4j.gds.core.utils.progress.tasks.Tasks;
import org.neo4j.logging.Log;

/** A task in GDS's own progress list (`CALL gds.listProgress()`), and lines in the server's log. */
final class Progress implements AutoCloseable {
    private final TaskRegistry registry;
    private final Task task;
    private final Log log;

    /**
     * @param job id in the progress list
     * @param log null to log nothing
     */
    Progress(TaskRegistryFactory factory, JobId job, Log log, String name, long volume) {
        this.log = log;
        task = Tasks.leaf(name, volume);
        registry = factory.newInstance(job);
        registry.registerTask(task);
        task.start();
    }

    void add(long work) {
        if (work > 0) {
            task.logProgress(work);
        }
    }

    void log(String message) {
        if (log != null) {
            log.info(task.description() + ": " + message);
        }
    }

    void finish() {
        task.finish();
    }

    /** Removes the task from the list; a task that is not finished is marked as failed. */
    @Override
    public void close() {
        if (task.status().isOngoing()) {
            task.fail();
        }
        registry.markCompleted();
    }
}
