"""The processes of `train --workers`: those that `TF_CONFIG` names, or without it some of this machine."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from kgrec_gds.errors import InputError
from kgrec_gds.leftovers import temporary_folder
from kgrec_gds.models.distribution import Workers, join, task
from kgrec_gds.models.registry import entry
from kgrec_gds.progress import say

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
    if found is not None:
        if found[1] != count:
            raise InputError(f"Invalid --workers {count}: TF_CONFIG names {found[1]}. Give the same number.")
        say(f"Worker {found[0]} of {count}; waiting for the others.")
        workers = join()
        with workers.lost_worker_told():
            yield workers
        return
    with temporary_folder("workers") as folder, _started(count, env_file, folder):
        workers = join()
        with workers.lost_worker_told():
            yield workers


@contextlib.contextmanager
def _started(count: int, env_file: Path | None, folder: Path) -> Iterator[None]:
    """Start the other workers of this machine, and end them."""
    cluster = {"cluster": {"worker": [f"127.0.0.1:{port}" for port in _free_ports(count)]}}
    command = [sys.executable, "-m", "kgrec_gds", "train", "--workers", str(count)]
    command += ["--env-file", str(env_file)] if env_file else []
    children, logs = [], []
    try:
        for index in range(count):
            config = json.dumps(cluster | {"task": {"type": "worker", "index": index}})
            if index == 0:
                os.environ["TF_CONFIG"] = config
                continue
            logs.append(folder / f"worker-{index}.log")
            with logs[-1].open("wb") as log:
                environment = {**os.environ, "TF_CONFIG": config}
                children.append(
                    subprocess.Popen(  # noqa: S603 - our own command line, no shell
                        command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                    )
                )
        _end_if_one_fails_at_its_start(children, logs)
        yield
        for child in children:
            child.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        pass  # its work is done
    finally:
        os.environ.pop("TF_CONFIG", None)
        for child in children:
            child.terminate()
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_SECONDS_TO_END)
            child.kill()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _end_if_one_fails_at_its_start(children: Sequence[subprocess.Popen[bytes]], logs: Sequence[Path]) -> None:
    """TensorFlow waits for all workers, for an hour and deaf to signals: without one of them this process ends, too."""
    from kgrec_gds.models.distribution import team

    def watch() -> None:
        while team() is None:
            for child, log in zip(children, logs, strict=True):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    if child.wait(0.2):
                        last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
                        sys.stderr.write(f"Error: A training worker failed at its start: {' '.join(last)}\n")
                        sys.stderr.flush()
                        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
