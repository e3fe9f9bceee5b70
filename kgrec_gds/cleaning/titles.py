"""Titles to movies: `title.basics`, `title.ratings` and `title.episode`, and the rules on movies."""

from dataclasses import dataclass
from typing import Any

import ibis

from kgrec_gds.cleaning.expressions import copy_number, decimal, flagged, integer, name_list
from kgrec_gds.cleaning.raw_files import Source
from kgrec_gds.cleaning.removed_rows import Reason, Sieve


@dataclass(frozen=True)
class Titles:
    """What `title.basics` says."""

    known: Any
    """Every tconst of the table, movies or not: one column `tconst`, unique."""
    movies: Any
    """Candidates: `line`, `text`, `tconst`, `title`, `year`, `runtimeMinutes`, `genres`."""


def broken_rows(rows: Any, *ids: str) -> list[Reason]:
    """The faults that any table can have: bytes, width, and an empty id."""
    no_id = rows[ids[0]].isnull()
    for name in ids[1:]:
        no_id |= rows[name].isnull()
    return [
        Reason("not_utf8", "fault", rows.broken),
        Reason("wrong_number_of_fields", "fault", rows.wrong_width),
        Reason("no_id", "fault", no_id),
    ]


def without_copies(sieve: Sieve, table: str, rows: Any, keys: tuple[str, ...]) -> Any:
    """Rows whose id stands in no earlier line."""
    rows = rows.mutate(copy=copy_number(rows, keys))
    return sieve.sift(table, rows, [Reason("duplicate_id", "fault", rows.copy > 0)]).drop("copy")


def read_titles(sieve: Sieve, source: Source) -> Titles:
    """Movies by type and year, and all titles that exist."""
    rows = sieve.read(source)
    rows = rows.mutate(
        title=rows.primaryTitle,
        year=integer(rows.startYear),
        runtimeMinutes=integer(rows.runtimeMinutes),
        genres=name_list(rows.genres),
    ).drop("primaryTitle", "startYear")
    reasons = [
        *broken_rows(rows, "tconst"),
        Reason(
            "title_type", "rule", ~rows.titleType.isin(sieve.settings.title_types) | rows.titleType.isnull()
        ),
    ]
    if "year" in sieve.settings.require:
        reasons.append(Reason("no_year", "rule", rows.year.isnull()))
    movies, titles = sieve.split("basics", rows, reasons, remember=("tconst",))
    known = sieve.engine.store(titles.filter(titles.tconst.notnull()).select("tconst").distinct(), "known")
    return Titles(known, without_copies(sieve, "basics", movies.drop("titleType"), ("tconst",)))


def read_title_ratings(sieve: Sieve, source: Source, titles: Titles) -> Any:
    """IMDb's means and votes of the candidates: `tconst`, `averageRating`, `numVotes`."""
    rows = of_movies(sieve.read(source), titles)
    rows = rows.mutate(averageRating=decimal(rows.averageRating), numVotes=integer(rows.numVotes))
    reasons = [
        *broken_rows(rows, "tconst"),
        Reason("unknown_title", "unknown", ~rows.known),
        Reason("not_a_number", "fault", rows.averageRating.isnull() | rows.numVotes.isnull()),
        Reason("movie_not_kept", "rule", ~rows.movie),
    ]
    return without_copies(sieve, "title_ratings", sieve.sift("title_ratings", rows, reasons), ("tconst",))


def read_episodes(sieve: Sieve, source: Source) -> None:
    """Episodes are checked and counted; no movie is one."""
    rows = sieve.read(source)
    every_row = ibis.literal(True)
    reasons = [*broken_rows(rows, "tconst"), Reason("episodes_not_loaded", "rule", every_row)]
    sieve.sift("episodes", rows, reasons)


def of_movies(rows: Any, titles: Titles) -> Any:
    """Rows with two flags: `known`, whether the title exists, and `movie`, whether it is a candidate."""
    return flagged(flagged(rows, titles.known, "tconst", "known"), titles.movies, "tconst", "movie")


def choose_movies(
    sieve: Sieve, movies: Any, title_ratings: Any | None, crew: Any, tables: dict[str, Any]
) -> Any:
    """Movies that fulfil what the settings ask of them.

    Args:
        sieve: counts and settings.
        movies: candidates.
        title_ratings: as of `read_title_ratings`; None where there is no such table.
        crew: `tconst`, `directors`, `writers` (lists) of the candidates.
        tables: the tables named by `in_tables`, with a unique `tconst`; an absent table has no entry.
    """
    settings = sieve.settings
    movies = _with_votes(movies, title_ratings)
    reasons = []
    for what in ("directors", "writers"):
        if what in settings.require:
            movies = flagged(movies, crew.filter(crew[what].notnull()), "tconst", f"has_{what}")
            reasons.append((f"no_{what}", f"has_{what}"))
    for table in settings.in_tables:
        name = "title_ratings" if table == "ratings" else table
        keys = tables.get(table, crew.filter(ibis.literal(False)))
        movies = flagged(movies, keys, "tconst", f"in_{name}")
        reasons.append((f"not_in_{name}", f"in_{name}"))
    tests = [Reason(name, "rule", ~movies[flag]) for name, flag in reasons]
    for name, column, least in (
        ("average_rating_below", "averageRating", settings.min_average_rating),
        ("num_votes_below", "numVotes", settings.min_num_votes),
    ):
        if least is not None:
            tests.append(Reason(name, "rule", (movies[column] < least) | movies[column].isnull()))
    if not tests:
        return movies
    return sieve.sift("basics", movies, tests).drop(*(flag for _, flag in reasons))


def _with_votes(movies: Any, title_ratings: Any | None) -> Any:
    if title_ratings is None:
        return movies.mutate(averageRating=ibis.null("float64"), numVotes=ibis.null("int64"))
    joined = movies.left_join(title_ratings.select("tconst", "averageRating", "numVotes"), "tconst")
    return joined.select(*movies.columns, "averageRating", "numVotes")
