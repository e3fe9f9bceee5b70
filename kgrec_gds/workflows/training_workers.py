"""The processes of `train --workers`: those that `TF_CONFIG` names, or without it some of this machine."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from kgrec_gds.errors import InputError
from kgrec_gds.leftovers import temporary_folder
from kgrec_gds.models.distribution import Workers, join, task, team
from kgrec_gds.models.registry import entry
from kgrec_gds.progress import say
from kgrec_gds.server import process
from kgrec_gds.server.ports import HOST, some_free

_SECONDS_TO_END = 20


@contextlib.contextmanager
def training_workers(count: int, model: str, env_file: Path | None) -> Iterator[Workers]:
    """This process among `count` training workers.

    Where `TF_CONFIG` is set, they are started by whoever set it, each by the same command; else this process is the chief
    and starts the others on this machine.

    Args:
        count: number of workers, this one included; at least 2.
        model: name in the registry.
        env_file: of the database, for the others.

    Raises:
        InputError: a model that cannot be trained so, or a `TF_CONFIG` of another number of workers.
        ModelRunError: a worker has ended.
    """
    if not entry(model).distributed:
        raise InputError(f"Model {model!r} trains in one process; leave out --workers {count}.")
    found = task()
    if found is not None and found[1] != count:
        raise InputError(f"Invalid --workers {count}: TF_CONFIG names {found[1]}. Give the same number.")
    with contextlib.ExitStack() as stack:
        if found is None:
            stack.enter_context(_started(count, env_file))
        else:
            say(f"Worker {found[0]} of {count}; waiting for the others.")
        workers = join(found[0] if found else 0, count)
        stack.enter_context(workers.lost_worker_told())
        yield workers


@contextlib.contextmanager
def _started(count: int, env_file: Path | None) -> Iterator[None]:
    """Start the other workers of this machine, and end them."""
    cluster = {"worker": [f"{HOST}:{port}" for port in some_free(count)]}
    command = [sys.executable, "-m", "kgrec_gds", "train", "--workers", str(count)]
    command += ["--env-file", str(env_file)] if env_file else []

    def config(index: int) -> str:
        return json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})

    children: dict[Path, psutil.Popen] = {}
    with temporary_folder("workers") as folder:
        try:
            for index in range(1, count):
                path = folder / f"worker-{index}.log"
                with path.open("wb") as log:
                    children[path] = psutil.Popen(
                        command,
                        env={**os.environ, "TF_CONFIG": config(index)},
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                    )
            os.environ["TF_CONFIG"] = config(0)
            _end_if_one_fails_at_its_start(children)
            yield
            for child in children.values():
                with contextlib.suppress(psutil.TimeoutExpired):  # its work is done
                    child.wait(_SECONDS_TO_END)
        finally:
            os.environ.pop("TF_CONFIG", None)
            for child in children.values():
                process.end(child, _SECONDS_TO_END)


def _end_if_one_fails_at_its_start(children: Mapping[Path, psutil.Popen]) -> None:
    """TensorFlow waits for all workers, for an hour and deaf to signals: without one of them this process ends, too."""

    def watch() -> None:
        while team() is None:
            for log, child in children.items():
                with contextlib.suppress(psutil.TimeoutExpired):
                    if child.wait(0.2):
                        last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
                        sys.stderr.write(f"Error: A training worker failed at its start: {' '.join(last)}\n")
                        sys.stderr.flush()
                        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
