"""Runs commands of the tool in processes that are killed, starved or run side by side, and takes fingerprints of the graph.

Commands run in forks of one process that has imported everything already, so that a point of a command's time is a point
of its work and not of Python's imports.
"""

import contextlib
import hashlib
import importlib
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from kgrec_gds.server import process
from kgrec_gds.server.server_files import ServerFiles, read_json

SECONDS = 600
#: Imported before the forks; none of them starts threads.
_MODULES = (
    "duckdb", "ibis", "neo4j", "pandas", "scipy.sparse", "rich.progress", "kgrec_gds.cli", "kgrec_gds.cli.import_", "kgrec_gds.cli.embed",
    "kgrec_gds.cli.train", "kgrec_gds.cli.predict", "kgrec_gds.cli.rate", "kgrec_gds.workflows.import_",
    "kgrec_gds.workflows.connect", "kgrec_gds.serving.predictions", "kgrec_gds.data.pull", "graphdatascience",
)  # fmt: skip

_NODES = "MATCH (n) WHERE NOT n:ModelRun AND NOT n:EmbeddingRun RETURN labels(n) AS labels, properties(n) AS properties"
_RELATIONSHIPS = (
    "MATCH (a)-[r]->(b) RETURN type(r) AS type, properties(r) AS properties, "
    "coalesce(a.tconst, a.nconst, a.userId, a.name) AS a, coalesce(b.tconst, b.nconst, b.userId, b.name) AS b"
)
_SCHEMA = "SHOW CONSTRAINTS YIELD name RETURN collect(name) AS names"
_PROJECTIONS = "CALL gds.graph.list() YIELD graphName RETURN count(*) AS count"
#: Differs from run to run by design.
_VOLATILE = {"modelId", "predictedAt"}


@dataclass
class Outcome:
    """How a command ended."""

    code: int
    """Exit code, or minus the signal that ended it."""
    error: str
    seconds: float

    @property
    def clear(self) -> bool:
        """Whether it succeeded or said in one sentence why not."""
        return (
            self.code in (0, 1)
            and "Traceback" not in self.error
            and (not self.code or "Error: " in self.error)
        )


class Child:
    """A command that runs."""

    def __init__(
        self, machine: "Machine", work: Callable[[], int], limits: Callable[[], None] | None
    ) -> None:
        self._log = machine.folder / f"child-{time.monotonic_ns()}.log"
        self._log.touch(0o600)
        self.began = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            code = 99
            try:
                machine.enter(self._log)
                if limits is not None:
                    limits()
                code = work()
            except SystemExit as error:
                code = error.code if isinstance(error.code, int) else 1
            except BaseException:
                import traceback

                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def connected(self, port: int) -> None:
        """Wait until it has a connection to a port of this machine, or has ended."""
        while not (self._ended() or self._has_connection(port)):
            time.sleep(0.01)

    def _ended(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _has_connection(self, port: int) -> bool:
        with contextlib.suppress(psutil.Error):
            found = psutil.Process(self.pid).net_connections("tcp")
            return any(it.raddr and it.raddr.port == port and it.status == "ESTABLISHED" for it in found)
        return False

    def wait(self, seconds: float = SECONDS) -> Outcome:
        """Wait for the end; a command that takes longer hangs, which fails the test."""
        deadline = time.monotonic() + seconds
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                error = self._log.read_text("utf-8", "replace")
                return Outcome(os.waitstatus_to_exitcode(status), error, time.monotonic() - self.began)
            if time.monotonic() > deadline:
                self.kill()
                os.waitpid(self.pid, 0)
                raise AssertionError(f"hangs for {seconds:.0f} s: {self._log.read_text('utf-8', 'replace')}")
            time.sleep(0.02)


class Machine:
    """One home with its server, and the commands on it."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder = home, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.files = ServerFiles(home / "server")
        self.second = ServerFiles(home / "server", "import")
        for name in _MODULES:
            importlib.import_module(name)

    def enter(self, log: Path) -> None:
        """Make the fork a process of its own, with its output in a file."""
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT, 0o600)
        for number in (1, 2):
            os.dup2(descriptor, number)
        # Whatever captures the output of the tests must not have that of the command.
        sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
        os.environ |= {"KGREC_HOME": str(self.home), "KGREC_HEAP": "1g", "PYTHONFAULTHANDLER": ""}
        for name in ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD"):
            os.environ.pop(name, None)
        os.chdir(self.folder)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(self, *arguments: object, limits: Callable[[], None] | None = None) -> Child:
        """Start a command."""

        def work() -> int:
            from kgrec_gds.cli import main

            main([str(argument) for argument in arguments])
            return 0

        return Child(self, work, limits)

    def run(self, *arguments: object, limits: Callable[[], None] | None = None) -> Outcome:
        """Run a command to its end."""
        return self.start(*arguments, limits=limits).wait()

    def whole(self, *arguments: object) -> float:
        """Run a command that must succeed, and return its seconds."""
        outcome = self.run(*arguments)
        assert outcome.code == 0, outcome.error
        return outcome.seconds

    def ask(self, *statements: str) -> None:
        """Run Cypher on the server."""
        self._in_fork(
            lambda connection: [connection.driver.execute_query(text) for text in statements] and None
        )

    def fingerprint(self) -> "State":
        """All nodes, relationships, constraints and projections."""
        return State(tuple(self._in_fork(_rows)))

    def _in_fork(self, action: Callable[[Any], Any]) -> Any:
        # The driver's threads must not exist in the process that forks.
        path = self.folder / "answer.json"
        path.unlink(missing_ok=True)

        def work() -> int:
            from kgrec_gds.workflows.connect import connect

            with connect() as connection:
                path.write_text(json.dumps(action(connection)), "utf-8")
            return 0

        outcome = Child(self, work, None).wait()
        assert outcome.code == 0, outcome.error
        return json.loads(path.read_text("utf-8"))

    def server(self) -> psutil.Process | None:
        return process.find(self.files)

    def bolt_port(self) -> int:
        return int(read_json(self.files.record)["bolt"])

    def helpers(self) -> list[psutil.Process]:
        """The admin tool and the server of an import, while they run."""
        second = process.find(self.second)
        return [*process.find_admin(self.second), *([second] if second else [])]

    def stop(self) -> None:
        """End all processes of the home."""
        for found in (*self.helpers(), self.server()):
            if found is not None:
                process.end(found, 20)


@dataclass(frozen=True)
class State:
    """What a database holds, but for what differs from run to run by design."""

    rows: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<{len(self.rows)} rows, {hashlib.sha256(json.dumps(self.rows).encode()).hexdigest()[:12]}>"

    def beside(self, other: "State") -> str:
        """The first rows that only one of both has."""
        own, others = Counter(self.rows), Counter(other.rows)
        only = [f"+ {row}" for row in sorted(own - others)[:2]]
        return "\n".join([*only, *(f"- {row}" for row in sorted(others - own)[:2])])


def _rows(connection: Any) -> list[str]:
    def rows(text: str) -> list[str]:
        records = connection.driver.execute_query(text).records
        return sorted(json.dumps(_plain(record.data()), sort_keys=True, default=str) for record in records)

    return [row for text in (_NODES, _RELATIONSHIPS, _SCHEMA, _PROJECTIONS) for row in rows(text)]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name not in _VOLATILE}
    if isinstance(value, list):
        plain = [_plain(each) for each in value]
        return sorted(plain) if all(isinstance(each, str) for each in plain) else plain
    return float(f"{value:.4g}") if isinstance(value, float) else value
