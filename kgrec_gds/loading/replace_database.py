"""Replace the managed database: build the new one beside the old, start it, count it, and only then switch.

neo4j-admin can write into a stopped, fresh database only, and a failed overwrite has destroyed the old one; so each
import has a data directory of its own, and until the switch, one atomic rename, nothing touches the one that serves.
"""

from typing import TYPE_CHECKING

from kgrec_gds.errors import LoadError
from kgrec_gds.loading.admin_command import import_arguments
from kgrec_gds.loading.constraints import apply_schema
from kgrec_gds.loading.graph_counts import GraphCounts, check_counts
from kgrec_gds.progress import Timer, console, say

if TYPE_CHECKING:
    from pathlib import Path

    from kgrec_gds.loading.csv_files import CsvFolder
    from kgrec_gds.server import DataFolders, ServerFiles

#: The instance that runs on the new data until it is known to be whole.
INSTANCE = "import"
_CHECK_HEAP, _CHECK_PAGE_CACHE = "1g", "256m"
_SHOWN_LINES = 8


def replace_database(csv: "CsvFolder", expected: GraphCounts, timer: Timer) -> None:
    """Make the managed server serve exactly what the CSV holds.

    Raises:
        LoadError: neo4j-admin refused the CSV, or the counts differ; the old database serves on.
        ServerError: a server could not be installed or started; the old database serves on.
    """
    from kgrec_gds.server import DataFolders, ServerFiles, install

    main, second = ServerFiles(), ServerFiles(instance=INSTANCE)
    with timer.stage("server"):
        install(main)
    # One import at a time; the lock goes with its holder, however that ends. (`import.lock` is the instance's own.)
    with main.lock("replace.lock"):
        folders = DataFolders(main)
        _clear(second, folders)
        data = folders.fresh()
        try:
            _build(second, data, csv, expected, timer)
            _switch(data, timer)
        except BaseException:
            _clear(second, folders)
            raise
        folders.remove_others()


def _build(files: "ServerFiles", data: "Path", csv: "CsvFolder", expected: GraphCounts, timer: Timer) -> None:
    from kgrec_gds.database.connection import Connection
    from kgrec_gds.server import Memory, start, stop

    with timer.stage("import"), console.status("neo4j-admin imports …"):
        _run_admin(files, data, csv)
    with timer.stage("check"), console.status("Checking the new database …"):
        running = start(files, data=data, memory=Memory(_CHECK_HEAP, _CHECK_PAGE_CACHE))
        try:
            with Connection.open(running.address) as graph:
                apply_schema(graph)
                check_counts(graph, expected)
        finally:
            stop(files)


def _run_admin(files: "ServerFiles", data: "Path", csv: "CsvFolder") -> None:
    from kgrec_gds.server import admin

    report = data / "import.report"
    arguments = ["database", "import", "full", "neo4j", f"--report-file={report}", *import_arguments(csv)]
    result = admin(arguments, files, data)
    if result.exit_code:
        lines = [line for line in result.output.splitlines() if line.strip()]
        raise LoadError(
            "neo4j-admin should import the CSV but stopped; the database is as it was. Its last lines:\n"
            + "\n".join(lines[-_SHOWN_LINES:])
        )
    report.unlink(missing_ok=True)


def _switch(data: "Path", timer: Timer) -> None:
    from kgrec_gds.server import swap

    say("The new database is whole; it replaces the old one.")
    with timer.stage("switch"):
        swap(data)


def _clear(files: "ServerFiles", folders: "DataFolders") -> None:
    """Remove what an import left that was killed or failed: its processes, then its data."""
    from kgrec_gds.server import end_leftovers

    end_leftovers(files)
    folders.remove_others()
