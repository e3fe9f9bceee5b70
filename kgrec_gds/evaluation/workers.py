"""Fill the cells with several processes, each on one thread: small networks and trees gain little from more threads."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.evaluation.plan import CellKey
from kgrec_gds.evaluation.variants import variant
from kgrec_gds.leftovers import temporary_folder
from kgrec_gds.progress import bars

#: Read by TensorFlow and by OpenMP (scikit-learn's trees) when they are loaded.
_ONE_THREAD = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def fill(dataset: Dataset, keys: Sequence[CellKey], ranking_users: int, folder: Path, workers: int) -> None:
    """Make all cells that are absent, several at a time; blends are left out, since they are means of other cells.

    Each process holds the data set and its features.

    Raises:
        Exception: what a failing cell raised; finished cells stay, and the other processes end.
    """
    fitted = [key for key in keys if not variant(key.model).entry.mean_of]
    # The longest first leave no process idle.
    fitted.sort(key=lambda key: not variant(key.model).entry.attends)
    with temporary_folder("evaluate") as shared, _one_thread_each():
        path = shared / "dataset.npz"
        dataset.save(path)
        with processes(min(workers, len(fitted))) as pool:
            _wait([pool.submit(_make, path, key, ranking_users, folder) for key in fitted])


@contextmanager
def processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """A pool whose processes end at once when this one is interrupted or one of them fails."""
    others = set(multiprocessing.active_children())
    # A fork would inherit TensorFlow's threads in an unknown state.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_ignore_interrupts)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    pool.shutdown()


def _ignore_interrupts() -> None:
    """A terminal's Ctrl-C reaches every process; only the parent knows which ones to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def end_with_parent() -> None:
    """Let this process end as soon as the one that started it has ended."""
    if parent := multiprocessing.parent_process():

        def wait_for_parent() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=wait_for_parent, daemon=True).start()


def _make(path: Path, key: CellKey, ranking_users: int, folder: Path) -> None:
    from kgrec_gds.evaluation.harness import run_cells

    run_cells(_dataset(path), [key], ranking_users, folder, shown=False)


@cache
def _dataset(path: Path) -> Dataset:
    # One object for all cells of this process, so that what is derived from it is computed once.
    return Dataset.load(path)


def _wait(futures: list[Future[None]]) -> None:
    with bars() as progress:
        task = progress.add_task("evaluate", total=len(futures))
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=2, return_when=FIRST_EXCEPTION)
            progress.update(task, completed=len(futures) - len(pending))
            for future in done:
                future.result()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name in _ONE_THREAD:
            del os.environ[name]
            os.environ.update({name: before[name]} if name in before else {})
