package kgrec.kge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * A pool of threads. The calling thread waits for them, and every 50 ms checks for termination and reports progress,
 * which only the procedure's own thread may do.
 */
final class Workers implements AutoCloseable {
    private static final int POLL_MILLIS = 50;

    private final int threads;
    private final ExecutorService executor;
    private final Runnable check;
    private final LongConsumer report;
    private final LongAdder done = new LongAdder();
    private long reported;
    private volatile boolean stopped;

    /**
     * @param check throws if the transaction has been terminated
     * @param report is called with the work done since its last call
     */
    Workers(int threads, Runnable check, LongConsumer report) {
        this.threads = threads;
        this.check = check;
        this.report = report;
        executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "kgrec-kge");
            thread.setDaemon(true);
            return thread;
        });
    }

    int threads() {
        return threads;
    }

    /** Whether workers must stop early. */
    boolean stopped() {
        return stopped;
    }

    void progress(long work) {
        done.add(work);
    }

    /** Runs `work` once on each thread with the thread's number, and waits for all. */
    void run(IntConsumer work) {
        check.run();
        List<Future<?>> futures = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int number = thread;
            futures.add(executor.submit(() -> work.accept(number)));
        }
        try {
            for (Future<?> future : futures) {
                await(future);
            }
        } catch (RuntimeException | Error error) {
            stopped = true;
            throw error;
        }
    }

    private void await(Future<?> future) {
        while (true) {
            try {
                future.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                reportProgress();
                return;
            } catch (TimeoutException timeout) {
                reportProgress();
                check.run();
            } catch (ExecutionException error) {
                throw new IllegalStateException("A training thread failed: " + error.getCause(), error.getCause());
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted", error);
            }
        }
    }

    private void reportProgress() {
        long now = done.sum();
        report.accept(now - reported);
        reported = now;
    }

    @Override
    public void close() {
        stopped = true;
        executor.shutdown();
    }
}
