"""Replace the managed database: load a new one beside it, restart the server on it, verify it, and only then switch.

neo4j-admin writes only into a stopped database, and a failed overwrite destroys the old one. So each import gets a data
directory of its own, and nothing touches the current one until the switch, which is one atomic rename.
"""

import errno
import re
from collections.abc import Callable
from pathlib import Path

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import LoadError
from kgrec_gds.exhausted import exhausted, nearly_full, require_disk
from kgrec_gds.loading.admin_command import import_arguments, in_parts
from kgrec_gds.loading.constraints import apply_schema
from kgrec_gds.loading.graph_counts import GraphCounts, check_counts
from kgrec_gds.loading.graph_layout import RelationshipTable
from kgrec_gds.locks import locked
from kgrec_gds.progress import Callback, Timer, say, spinner, stage_bars
from kgrec_gds.server.admin_tool import admin, end_leftovers
from kgrec_gds.server.installation import install
from kgrec_gds.server.lifecycle import end_unverified, swap
from kgrec_gds.server.server_files import DataFolders, ServerFiles
from kgrec_gds.server.server_state import RunningServer

#: The instance with the configuration of neo4j-admin, which runs beside the main server.
INSTANCE = "import"
_SHOWN_LINES = 8
#: Bytes of an empty database with its logs, and bytes of the store a byte of CSV; 1.7 GB for 4.7 million ratings in 0.3 GB.
_EMPTY_STORE, _STORE_A_BYTE = 20_000_000, 6
_STEP = re.compile(r"\((\d)/(\d)\)")
_PERCENT = re.compile(r"(\d{1,3})%")


def replace_database(
    csv: Path,
    expected: GraphCounts,
    timer: Timer,
    more: tuple[RelationshipTable, ...] = (),
    complete: Callable[[Connection], None] | None = None,
) -> None:
    """Replace the managed server's database by the content of the CSV files.

    Args:
        csv: folder of the files.
        expected: what they hold.
        timer: gets the seconds of each stage.
        more: further tables with a file in the folder.
        complete: adds to the new database what is in no file, before it takes the place of the old one.

    Raises:
        InputError: there is too little space for the new database beside the old one.
        LoadError: neo4j-admin failed, or the counts differ; the old database is kept.
        ServerError: a server could not be installed or started; the old database is kept.
    """
    main, second = ServerFiles(), ServerFiles(instance=INSTANCE)
    with timer.stage("server"):
        install(main)
    # One import at a time; the system releases the lock if its holder dies.
    with locked(main.root / "replace.lock"):
        folders = DataFolders(main)
        _remove_leftovers(second, folders)
        csv_bytes = sum(path.stat().st_size for path in [*csv.glob("*.csv"), *csv.glob("*.csv/*")])
        require_disk(
            folders.root, _EMPTY_STORE + _STORE_A_BYTE * csv_bytes, "the new database beside the old one"
        )
        data = folders.fresh()
        try:
            with timer.stage("load"), stage_bars() as callback:
                arguments = import_arguments(csv, *more, parts=in_parts(csv))
                _run_admin(second, data, arguments, callback)
            with timer.stage("verify"), spinner("Starting and verifying the new database …"):
                swap(data, lambda running: _verify(running, expected, complete))
            say("The new database is complete and has replaced the old one.")
        except BaseException as error:
            full = nearly_full(data) if isinstance(error, Exception) else None
            _remove_leftovers(second, folders)
            if full is not None and exhausted(error) is None:
                raise LoadError(
                    f"The new database could not be made, probably because {full}; the old one is kept. Free some space, and "
                    f"import again. The error was: {' '.join(str(error).split())[:300]}"
                ) from error
            raise
        folders.remove_others()


def _run_admin(files: ServerFiles, data: Path, content: list[str], callback: Callback) -> None:
    report = data / "import.report"
    arguments = ["database", "import", "full", "neo4j", f"--report-file={report}", *content]
    callback("neo4j-admin import (percent)", 0, 100)
    result = admin(
        arguments,
        files,
        data,
        on_line=admin_progress(lambda percent: callback("neo4j-admin import (percent)", percent, 100)),
    )
    if result.exit_code:
        if "no space left" in result.output.lower():
            full = exhausted(OSError(errno.ENOSPC, "No space left on device", str(data)))
            raise LoadError(f"{full} The old database is kept.")
        lines = [line for line in result.output.splitlines() if line.strip()]
        raise LoadError(
            "neo4j-admin could not import the CSV files; the old database is kept. Its last lines:\n"
            + "\n".join(lines[-_SHOWN_LINES:])
        )
    callback("neo4j-admin import (percent)", 100, 100)
    report.unlink(missing_ok=True)


def admin_progress(callback: Callable[[int], None]) -> Callable[[str], None]:
    """A reader of neo4j-admin's output lines that reports the percentage over all steps, such as `(2/4)` and `35%`."""
    step, steps = 1, 1

    def read(line: str) -> None:
        nonlocal step, steps
        if found := _STEP.search(line):
            step, steps = int(found[1]), int(found[2])
            callback(100 * (step - 1) // steps)
        elif found := _PERCENT.search(line):
            callback((100 * (step - 1) + min(int(found[1]), 100)) // steps)

    return read


def _verify(
    running: RunningServer, expected: GraphCounts, complete: Callable[[Connection], None] | None
) -> None:
    with Connection.open(running.address) as connection:
        apply_schema(connection)
        check_counts(connection, expected)
        if complete is not None:
            complete(connection)


def _remove_leftovers(files: ServerFiles, folders: DataFolders) -> None:
    """End the processes and remove the data of an import that was killed or failed."""
    end_leftovers(files)
    end_unverified()
    folders.remove_others()
