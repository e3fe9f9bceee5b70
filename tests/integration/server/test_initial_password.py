"""A new database never accepts Neo4j's initial password: another local user would take it over."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import neo4j
import psutil
import pytest
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import CredentialsRefusedError
from kgrec_gds.server import admin_tool, credentials, installation, lifecycle
from kgrec_gds.server.memory import Memory
from kgrec_gds.server.ports import any_free
from kgrec_gds.server.server_files import DataFolders, ServerFiles

SMALL = Memory("512m", "64m")


@dataclass
class Attacker:
    """Another local user, who tries the initial password and reads all command lines until stopped."""

    port: int
    admitted: int = 0
    refused: int = 0
    command_lines: set[str] = field(default_factory=set)

    def run(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            self._try_initial_password()
            for process in psutil.process_iter():
                try:
                    self.command_lines.add(" ".join(process.cmdline()))
                except psutil.Error:
                    continue
            time.sleep(0.05)

    def _try_initial_password(self) -> None:
        try:
            with neo4j.GraphDatabase.driver(
                f"bolt://127.0.0.1:{self.port}", auth=("neo4j", "neo4j")
            ) as driver:
                driver.verify_connectivity()
            self.admitted += 1
        except AuthError:
            self.refused += 1
        except Neo4jError as error:
            # An expired password is accepted, to be changed.
            self.admitted += "CredentialsExpired" in str(error.code)
        except (DriverError, OSError):
            pass  # nothing listens yet


@contextmanager
def attacked(port: int) -> Iterator[Attacker]:
    attacker, stopped = Attacker(port), threading.Event()
    thread = threading.Thread(target=attacker.run, args=(stopped,))
    thread.start()
    try:
        yield attacker
    finally:
        stopped.set()
        thread.join()


@pytest.fixture(scope="module")
def main(own_home: Path) -> Iterator[ServerFiles]:
    files = ServerFiles()
    installation.install(files)
    yield files
    lifecycle.stop(files)


def check(attacker: Attacker, files: ServerFiles) -> None:
    assert attacker.admitted == 0
    assert attacker.refused > 0
    secret = credentials.password(files)
    java = [line for line in attacker.command_lines if "AdminTool" in line or "Neo4jCommunity" in line]
    assert any("AdminTool" in line for line in java)
    assert not [line for line in java if secret in line]
    assert not list(files.run.glob("arguments*")), "the file with the password is removed"


def test_a_fresh_data_directory(main: ServerFiles) -> None:
    with attacked(any_free()) as attacker:
        # Hundreds of wrong guesses must not lock us out either.
        running = lifecycle.start(main, bolt_port=attacker.port, memory=SMALL)
        with Connection.open(running.address) as connection:
            assert connection.run("server/count_nodes") == [{"nodes": 0}]
    check(attacker, main)
    assert lifecycle.stop(main)


def test_a_fresh_data_directory_after_an_import(main: ServerFiles, tmp_path: Path) -> None:
    second, csv = ServerFiles(instance="import"), tmp_path / "nodes.csv"
    csv.write_text(":ID,:LABEL\n1,Mark\n")
    data = DataFolders(main).fresh()
    arguments = [
        "database",
        "import",
        "full",
        "neo4j",
        f"--nodes={csv}",
        f"--report-file={tmp_path / 'report'}",
    ]
    assert admin_tool.admin(arguments, second, data).exit_code == 0
    with attacked(any_free()) as attacker:
        running = lifecycle.start(second, data=data, bolt_port=attacker.port, memory=SMALL)
        with Connection.open(running.address) as connection:
            assert connection.run("server/count_nodes") == [{"nodes": 1}]
        lifecycle.stop(second)
    check(attacker, second)


def test_a_password_that_the_user_wrote_is_taken_as_it_is(main: ServerFiles) -> None:
    main.password.write_text('-my "own" pass\\word #1 für mich\n', encoding="utf-8")
    data = DataFolders(main).fresh()
    running = lifecycle.start(main, data=data, memory=SMALL)
    with Connection.open(running.address) as connection:
        assert connection.run("server/count_nodes") == [{"nodes": 0}]
    lifecycle.stop(main)
    main.password.write_text("another password")
    with pytest.raises(CredentialsRefusedError, match="its database has another one"):
        lifecycle.start(main, data=data, memory=SMALL)
