"""The command `import`: check the request, clean, write CSV, load, and switch to the new database once it is verified."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kgrec_gds import home
from kgrec_gds.errors import InputError, LoadError
from kgrec_gds.loading.admin_command import printed_commands, write_schema_file
from kgrec_gds.loading.bolt import TableOutcome, merge_tables
from kgrec_gds.loading.clean_tables import CleanTables, write_csv
from kgrec_gds.loading.constraints import apply_schema
from kgrec_gds.loading.graph_counts import GraphCounts, count_graph
from kgrec_gds.loading.graph_layout import PREDICTED_RATINGS
from kgrec_gds.loading.update_folder import update_folder
from kgrec_gds.locks import locked
from kgrec_gds.progress import Callback, Timer, say, spinner, stage_bars
from kgrec_gds.workflows.import_checks import (
    Mode,
    check_arguments,
    check_managed,
    check_places,
    open_predictions,
)

if TYPE_CHECKING:
    from kgrec_gds.cleaning import CleaningResult, CleaningRules
    from kgrec_gds.database.connection import Connection
    from kgrec_gds.serving.prediction_files import PredictionFiles


@dataclass(frozen=True)
class _Import:
    """One import: its checked arguments, and the duration of its stages."""

    mode: Mode
    imdb: Path | str
    rules: "CleaningRules"
    ratings: Path | str | None
    csv_dir: Path
    quarantine: Path | None
    agrees: Callable[[str], bool] | None
    """Whether the database may be replaced though it would lose what the text says; None if it may in any case."""
    predictions: "PredictionFiles | None" = None
    timer: Timer = field(default_factory=Timer)


@dataclass(frozen=True)
class ImportResult:
    """Counts of the graph, and where the files of an import are."""

    mode: Mode
    nodes: dict[str, int]
    """By label; a node counts under each of its labels."""
    relationships: dict[str, int]
    """By type."""
    tables: dict[str, Any]
    """By raw table: rows read, kept, and removed by reason."""
    quality_report: Path
    quarantine: Path
    """CSV of the quarantined rows, with file, line and reason."""
    warnings: list[str] = field(default_factory=list)
    """What a person should know of the data, such as ratings without a movie."""
    csv_dir: Path | None = None
    """Folder of the CSV files, if any were written."""
    rows: dict[str, TableOutcome] | None = None
    """Outcome by clean table, if they were merged over Bolt."""
    commands: dict[str, str] | None = None
    """Shell commands that load the CSV files, if nothing was loaded."""
    predictions_left_out: int | None = None
    """Predictions whose user or movie is not in the tables, if predictions were loaded."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Duration by stage."""


@home.private_files()
def import_(
    connection: "Connection | None" = None,
    *,
    imdb: Path | str | None = None,
    ratings: Path | str | None = None,
    update: Path | None = None,
    preset: str = "default",
    csv_dir: Path | None = None,
    csv_only: bool = False,
    via: Literal["bolt"] | None = None,
    quarantine: Path | None = None,
    hash_users: Path | None = None,
    predictions: Path | None = None,
    yes: bool = False,
    confirm: Callable[[str], bool] | None = None,
    env_file: Path | None = None,
    **rules: Any,
) -> ImportResult:
    """Clean movie tables and ratings, and load them into the graph.

    By default the managed server's database is replaced, including vectors and predictions. The configured database
    (`env_file`, or the environment) is opened only if it is needed and no `connection` is given. `rules` are cleaning rules
    that differ from the preset's; None means the preset's value. Where the database would lose more than half of what it
    holds, `confirm` is asked, unless `yes`. `KnowledgeGraph.import_` explains the other arguments.

    Raises:
        InputError: invalid input or arguments; the database is unchanged.
        LoadError: the loaded database differs from the tables, and the old one is kept; or Bolt failed.
        ServerError: the managed server could not be installed or started.
    """
    mode: Mode = "csv" if csv_only else "update" if update is not None else "merge" if via else "replace"
    folder = check_arguments(imdb, update, preset=preset, csv_only=csv_only, via=via)
    predicted = None if predictions is None else open_predictions(predictions, mode)
    if mode == "replace":
        check_managed(connection, env_file)
    checked = _rules(preset, hash_users, rules, create_salt=mode != "update")
    csv_dir = csv_dir or home.import_folder()
    check_places(csv_dir, quarantine)
    agrees = None if yes else confirm or (lambda _: False)
    request = _Import(mode, folder, checked, ratings, csv_dir, quarantine, agrees, predicted)
    if mode in ("csv", "replace"):
        return _write_csv(request)
    with _opened(connection, env_file) as database:
        return (_update if mode == "update" else _merge)(database, request)


def _rules(
    preset: str, hash_users: Path | None, changes: dict[str, Any], *, create_salt: bool
) -> "CleaningRules":
    from kgrec_gds.cleaning import CleaningRules
    from kgrec_gds.cleaning.user_salt import read_salt

    given = {name: value for name, value in changes.items() if value is not None}
    if hash_users is not None:
        given["user_salt"] = read_salt(hash_users, create=create_salt)
    return CleaningRules.preset(preset, **given)


def _opened(connection: "Connection | None", env_file: Path | None) -> "AbstractContextManager[Connection]":
    from kgrec_gds.workflows.connect import connect

    return connect(env_file=env_file) if connection is None else nullcontext(connection)


def _write_csv(request: _Import) -> ImportResult:
    """Write the CSV files, and replace the managed database by them unless only the files are wanted."""
    if request.mode == "replace":
        say("This replaces the managed database, including vectors and predictions.")
    with _cleaned(request) as (result, tables):
        counts, commands = tables.counts(), None
        more: dict[str, int] = {}
        if request.mode == "replace":
            _check_loss(request, counts)
        with request.timer.stage("csv"), stage_bars() as callback:
            csv = _csv_files(request, tables, callback)
        if request.predictions is not None:
            counts, more = _replace_with_predictions(csv, tables, request, request.predictions)
        elif request.mode == "replace":
            from kgrec_gds.loading.replace_database import replace_database

            replace_database(csv, counts, request.timer)
        else:
            write_schema_file(csv)
            commands = printed_commands(csv)
        return _result(request, result, counts, csv_dir=csv, commands=commands, **more)


def _csv_files(request: _Import, tables: CleanTables, callback: Callback) -> Path:
    if request.rules.engine != "spark":
        return write_csv(tables, request.csv_dir, callback)
    from kgrec_gds.loading.spark_csv import write_csv_parts

    return write_csv_parts(tables.folder, request.csv_dir, callback)


def _replace_with_predictions(
    csv: Path, tables: CleanTables, request: _Import, files: "PredictionFiles"
) -> tuple[GraphCounts, dict[str, int]]:
    """Replace the managed database by the tables and the predictions of a model; returns the counts of both."""
    from kgrec_gds.loading.replace_database import replace_database

    with request.timer.stage("select"), spinner("Selecting predictions …"):
        selected = tables.select_predictions(files.csv, files.predictions, csv)
    counts = tables.counts()
    if selected:
        counts.relationships[PREDICTED_RATINGS.type] = selected
    replace_database(csv, counts, request.timer, (PREDICTED_RATINGS,), files.complete)
    return counts, {"predictions_left_out": files.predictions - selected}


def _check_loss(request: _Import, counts: GraphCounts) -> None:
    """Replace nothing by nothing: where less than half would stay, somebody has to agree."""
    if request.agrees is None:
        return
    from kgrec_gds.loading.held_data import loss

    with request.timer.stage("compare"), spinner("Comparing with the current database …"):
        lost = loss(counts)
    if lost is not None and not request.agrees(lost):
        raise InputError(
            f"{lost} Nothing was changed. Check that these are the right files and rules; --yes (yes=True) replaces the "
            "database nevertheless."
        )


def _merge(connection: "Connection", request: _Import) -> ImportResult:
    with _cleaned(request) as (result, tables):
        rows = _load_over_bolt(connection, tables, request.timer)
    return _result(request, result, count_graph(connection), rows=rows)


def _update(connection: "Connection", request: _Import) -> ImportResult:
    with update_folder(connection, Path(request.imdb), request.ratings) as folder:
        merged = _merge(connection, replace(request, imdb=folder.folder))
    assert merged.rows is not None
    # The movies that were added to the folder are in the database already.
    movies = merged.rows["movies"]
    movies = replace(movies, unchanged=movies.unchanged - folder.added_movies)
    return replace(merged, rows={**merged.rows, "movies": movies})


@contextmanager
def _cleaned(request: _Import) -> "Iterator[tuple[CleaningResult, CleanTables]]":
    from kgrec_gds.cleaning import clean

    # Two imports into one folder would overwrite each other's files.
    with locked(request.csv_dir / ".lock"):
        with request.timer.stage("clean"), stage_bars() as callback:
            out = request.csv_dir / "clean"
            result = clean(request.imdb, request.ratings, request.rules, out=out, callback=callback)
        if request.quarantine is not None:
            request.quarantine.unlink(missing_ok=True)  # an older file may be readable by others
            shutil.copyfile(result.quarantine_path, request.quarantine)
        tables = CleanTables(result.folder)
        try:
            yield result, tables
        finally:
            tables.close()


def _load_over_bolt(connection: "Connection", tables: CleanTables, timer: Timer) -> dict[str, TableOutcome]:
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        with timer.stage("load"):
            apply_schema(connection)
            return merge_tables(connection, tables)
    except (DriverError, Neo4jError) as error:
        raise LoadError(
            f"The database failed while rows were merged: {error}. Earlier batches are stored; run the same command again "
            "to continue."
        ) from error


def _result(request: _Import, cleaned: "CleaningResult", counts: GraphCounts, **more: Any) -> ImportResult:
    return ImportResult(
        mode=request.mode,
        nodes=counts.nodes,
        relationships=counts.relationships,
        tables=cleaned.report["tables"],
        quality_report=cleaned.report_path,
        quarantine=request.quarantine or cleaned.quarantine_path,
        warnings=cleaned.report["warnings"],
        seconds=request.timer.seconds,
        **more,
    )
