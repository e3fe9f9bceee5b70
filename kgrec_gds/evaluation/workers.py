"""Several processes fill the cells, each one thread wide: small networks and trees gain little from more threads.

Cells of different protocols or seeds have nothing in common, so a process takes one protocol and seed at a time: first
the models that are made of each other; then the ablations one by one, which share nothing with any cell; then the
rest, soonest done, to leave no process idle. What is left to do afterwards is to read the cells.
"""

import itertools
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.progress import bars

if TYPE_CHECKING:
    from kgrec_gds.evaluation.harness import EvaluateSettings

#: Read by TensorFlow and by OpenMP (scikit-learn's trees) when they are loaded.
_ONE_THREAD = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def fill(dataset: Dataset, settings: "EvaluateSettings", folder: Path, workers: int) -> None:
    """Make all cells that are not there yet, `workers` at a time.

    Args:
        dataset: handed over as a file, once.
        settings: what to measure, models named.
        folder: of the cells.
        workers: processes; each holds the data set and its features.

    Raises:
        Exception: what a failing cell raised; finished cells stay, the others are broken off.
    """
    groups = list(_groups(settings))
    with tempfile.TemporaryDirectory(prefix="kgrec-") as shared, _one_thread_each():
        path = Path(shared) / "dataset.npz"
        dataset.save(path)
        with processes(min(workers, len(groups))) as pool:
            _watch([pool.submit(_group, path, group, seed, folder) for seed, group in groups], folder)


@contextmanager
def processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """So many, which end at once where this one is interrupted or one of them fails: cells are written whole."""
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")  # a fork would inherit TensorFlow's threads half-way
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_obey_parent)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    pool.shutdown()


def _obey_parent() -> None:
    """A terminal's Ctrl-C reaches every process; only the parent knows what to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def end_with_parent() -> None:
    """Let this process end as soon as the one that started it is gone: nobody is left to stop its work."""
    if parent := multiprocessing.parent_process():

        def wait_for_its_end() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=wait_for_its_end, daemon=True).start()


def _groups(settings: "EvaluateSettings") -> Iterator[tuple[int, "EvaluateSettings"]]:
    """Seed and settings of what a process takes at a time, the longest first."""
    from kgrec_gds.evaluation.harness import planned
    from kgrec_gds.evaluation.predictors import spec_of

    def group(cell: tuple[str, int, str]) -> tuple[int, int, str, str]:
        protocol, seed, model = cell
        spec = spec_of(model)
        turn = 0 if spec.together else 1 if spec.ablation else 2
        return turn, seed, protocol, model if spec.ablation else ""

    for (_, seed, _, _), cells in itertools.groupby(sorted(planned(settings), key=group), group):
        (protocol, *_), models = zip(*((protocol, model) for protocol, _, model in cells), strict=True)
        yield seed, replace(settings, protocols=(protocol,), models=models)


def _group(path: Path, settings: "EvaluateSettings", seed: int, folder: Path) -> None:
    from kgrec_gds.evaluation.harness import run_cells

    run_cells(_dataset(path), settings, folder, only_seed=seed, shown=False)


@cache
def _dataset(path: Path) -> Dataset:
    # The same object for every group of this process: its features are computed once.
    return Dataset.load(path)


def _watch(futures: list[Future[None]], folder: Path) -> None:
    with bars() as progress:
        task = progress.add_task("evaluate", total=len(futures))
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=2, return_when=FIRST_EXCEPTION)
            cells = sum(1 for path in folder.rglob("*.npz") if not path.name.endswith(".part.npz"))
            finished = len(futures) - len(pending)
            progress.update(task, completed=finished, description=f"evaluate · {cells} cells · groups")
            for future in done:
                future.result()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
