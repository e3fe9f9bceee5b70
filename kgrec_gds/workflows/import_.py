"""The import as a whole: clean, then load by one of four ways."""

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kgrec_gds.errors import InputError, LoadError
from kgrec_gds.loading.admin_command import printed_commands, write_schema_file
from kgrec_gds.loading.bolt import TableOutcome, load_through_bolt
from kgrec_gds.loading.clean_tables import CleanTables
from kgrec_gds.loading.constraints import apply_schema
from kgrec_gds.loading.csv_files import CsvFolder, write_csv
from kgrec_gds.loading.graph_counts import GraphCounts, count_graph
from kgrec_gds.loading.new_rows import completed
from kgrec_gds.loading.replace_database import replace_database
from kgrec_gds.locks import locked
from kgrec_gds.progress import Timer, console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kgrec_gds.cleaning import Prepared, PrepareSettings
    from kgrec_gds.database.connection import Connection

Way = Literal["managed", "csv", "bolt", "update"]

_CLEAN = "clean"


@dataclass(frozen=True)
class Source:
    """What to import, by which cleaning rules, and where its files go."""

    imdb: Path
    """Folder of IMDb's tables."""
    settings: "PrepareSettings"
    ratings: Path | None = None
    """File of user ratings; by default `user_rating.csv[.gz]` in the folder, if there is one."""
    csv_dir: Path = Path("import")
    """Folder of the CSV files; the clean tables and the quality report go into its folder `clean`."""
    quarantine: Path | None = None
    """Where a copy of the quarantine file goes."""


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    way: Way
    nodes: dict[str, int]
    """By label; a node counts under each of its labels."""
    relationships: dict[str, int]
    """By type."""
    tables: dict[str, Any]
    """Raw table -> rows read and kept, and rows gone by cleaning rule."""
    quality_report: Path
    quarantine: Path
    """CSV of the rows set aside, with file, line and reason."""
    csv_dir: Path | None = None
    """Folder of the CSV files, where any were written."""
    rows: dict[str, TableOutcome] | None = None
    """By clean table, for the ways over Bolt."""
    commands: dict[str, str] | None = None
    """Shell commands by place, for `--csv-only`."""
    seconds: dict[str, float] = field(default_factory=dict)
    """By room."""


def import_managed(source: Source) -> Imported:
    """Replace the managed server's database as a whole: vectors and predictions included.

    Raises:
        InputError: the input is not what it should be; the old database serves on.
        LoadError: the new database is not what the tables say; the old one serves on.
        ServerError: a server could not be installed or started.
    """
    timer = Timer()
    with _prepared(source, timer) as (prepared, tables):
        csv = _csv(tables, source, timer)
        counts = tables.counts()
        replace_database(csv, counts, timer)
        return _imported("managed", source, prepared, counts, timer, csv_dir=csv.folder)


def import_csv(source: Source) -> Imported:
    """Write the CSV, and say how to load it."""
    timer = Timer()
    with _prepared(source, timer) as (prepared, tables):
        csv = _csv(tables, source, timer)
        write_schema_file(csv.folder)
        counts = tables.counts()
        return _imported(
            "csv", source, prepared, counts, timer, csv_dir=csv.folder, commands=printed_commands(csv)
        )


def import_through_bolt(graph: "Connection", source: Source) -> Imported:
    """Merge the tables into a running database; safe to repeat.

    Raises:
        LoadError: rows do not find their nodes, or the database goes away.
    """
    timer = Timer()
    with _prepared(source, timer) as (prepared, tables):
        rows = _merge(graph, tables, timer)
    return _imported("bolt", source, prepared, count_graph(graph), timer, rows=rows)


def update(graph: "Connection", source: Source) -> Imported:
    """Add what is new in a folder to a running database: movies, people, ratings.

    The folder may lack tables, and its ratings and facts may speak of movies that only the database knows.

    Raises:
        InputError: the folder holds nothing to add, or is not what it should be.
    """
    timer = Timer()
    with timer.stage("prepare"):
        context = completed(graph, source.imdb, source.ratings)
    with context as whole:
        with _prepared(replace(source, imdb=whole.folder), timer) as (prepared, tables):
            rows = _merge(graph, tables, timer)
        # Movies borrowed from the database went through as they came.
        movies = rows["movies"]
        rows["movies"] = replace(movies, unchanged=movies.unchanged - whole.borrowed_movies)
    return _imported("update", source, prepared, count_graph(graph), timer, rows=rows)


@contextmanager
def _prepared(source: Source, timer: Timer) -> "Iterator[tuple[Prepared, CleanTables]]":
    from kgrec_gds.cleaning import prepare

    if source.csv_dir.exists() and not source.csv_dir.is_dir():
        raise InputError(f"--csv-dir should be a folder; {source.csv_dir} is a file. Name another.")
    # Two imports into one folder would write over each other's files.
    with locked(source.csv_dir / ".lock"):
        with timer.stage("prepare"), console.status("Cleaning …") as status:
            prepared = prepare(
                source.imdb,
                source.ratings,
                source.settings,
                out=source.csv_dir / _CLEAN,
                tell=lambda words: status.update(f"Cleaning: {words} …"),
            )
        if source.quarantine is not None:
            source.quarantine.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(prepared.quarantine_path, source.quarantine)
        tables = CleanTables(prepared.folder)
        try:
            yield prepared, tables
        finally:
            tables.close()


def _csv(tables: CleanTables, source: Source, timer: Timer) -> CsvFolder:
    with timer.stage("csv"), console.status("Writing CSV …"):
        return write_csv(tables, source.csv_dir)


def _merge(graph: "Connection", tables: CleanTables, timer: Timer) -> dict[str, TableOutcome]:
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        with timer.stage("schema"):
            apply_schema(graph)
        with timer.stage("bolt"):
            return load_through_bolt(graph, tables)
    except (DriverError, Neo4jError) as error:
        raise LoadError(
            f"The database should take all rows, but refused or went away: {error}. "
            "The batches before are in; the same command goes on from there."
        ) from error


def _imported(
    way: Way, source: Source, prepared: "Prepared", counts: GraphCounts, timer: Timer, **more: Any
) -> Imported:
    return Imported(
        way=way,
        nodes=counts.nodes,
        relationships=counts.relationships,
        tables=prepared.report["tables"],
        quality_report=prepared.report_path,
        quarantine=source.quarantine or prepared.quarantine_path,
        seconds=timer.seconds,
        **more,
    )
