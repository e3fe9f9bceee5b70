"""Titles to movies: `title.basics`, `title.ratings` and `title.episode`, and the rules for movies."""

from dataclasses import dataclass
from typing import Any, Final

import ibis

from kgrec_gds.cleaning.cleaner import Cleaner
from kgrec_gds.cleaning.expressions import decimal, flagged, has_no_genre, imdb_id, integer, is_no_name
from kgrec_gds.cleaning.raw_files import RawFile
from kgrec_gds.cleaning.removal_reasons import AVERAGE_RATINGS, LONGEST_NAME, RUNTIMES, VOTES, YEARS, Reason

_PREFIXES: Final = {"tconst": "tt", "nconst": "nm"}


@dataclass(frozen=True)
class Titles:
    """The rows of `title.basics`."""

    known: Any
    """Every tconst of the table, whatever its type: one column `tconst`, unique."""
    movies: Any
    """Candidates: `line`, `text`, `tconst`, `title`, `year`, `runtimeMinutes`, `genres`."""


def row_faults(rows: Any, *ids: str) -> list[Reason]:
    """Faults that occur in any table: encoding, number of fields, and an empty or invalid id.

    Whether the `ids` are empty is in `<id>_empty`, as `with_ids` leaves it.
    """
    no_id = ibis.or_(*(rows[f"{name}_empty"] for name in ids))
    invalid = ibis.or_(*(rows[name].isnull() for name in ids))
    return [
        Reason("not_utf8", "fault", rows.invalid_utf8),
        Reason("wrong_number_of_fields", "fault", rows.wrong_width),
        Reason("no_id", "fault", no_id),
        Reason("not_an_id", "fault", invalid),
    ]


def with_ids(rows: Any, *ids: str) -> Any:
    """`rows` with IMDb's ids in one spelling, null where they are none; `<id>_empty` says whether there was no text."""
    empty = {f"{name}_empty": rows[name].isnull() for name in ids}
    return rows.mutate(**empty, **{name: imdb_id(rows[name], _PREFIXES[name]) for name in ids})


def outside(value: Any, limits: tuple[int, int]) -> Any:
    """Whether a number is outside its limits; null is not."""
    return ~value.between(*limits)


def read_titles(cleaner: Cleaner, file: RawFile) -> Titles:
    """Movies by type and year, and the ids of all titles."""
    rows = with_ids(cleaner.read(file), "tconst")
    rows = rows.mutate(
        title=rows.primaryTitle,
        year=integer(rows.startYear),
        runtimeMinutes=integer(rows.runtimeMinutes),
        genres=rows.genres.split(","),
        no_number=_no_number(rows.startYear) | _no_number(rows.runtimeMinutes),
        no_genre=has_no_genre(rows.genres),
    ).drop("primaryTitle", "startYear")
    other_type = ~rows.titleType.isin(cleaner.rules.title_types) | rows.titleType.isnull()
    reasons = [
        *row_faults(rows, "tconst"),
        Reason("title_type", "rule", other_type),
        Reason("not_a_number", "fault", rows.no_number),
        Reason("impossible_year", "fault", outside(rows.year, YEARS)),
        Reason("impossible_runtime", "fault", outside(rows.runtimeMinutes, RUNTIMES)),
        Reason("no_genre", "fault", rows.no_genre),
        Reason("no_name", "fault", is_no_name(rows.title, LONGEST_NAME)),
    ]
    if "year" in cleaner.rules.require:
        reasons.append(Reason("no_year", "rule", rows.year.isnull()))
    movies, titles = cleaner.separate("basics", rows, reasons, remember=("tconst",))
    movies = movies.drop("titleType", "tconst_empty", "no_number", "no_genre")
    known = cleaner.engine.store(titles.filter(titles.tconst.notnull()).select("tconst").distinct(), "known")
    return Titles(known, cleaner.remove_repeats("basics", movies, ["tconst"]))


def read_title_ratings(cleaner: Cleaner, file: RawFile, titles: Titles) -> Any:
    """IMDb's mean rating and number of votes of the candidates: `tconst`, `averageRating`, `numVotes`."""
    rows = of_movies(with_ids(cleaner.read(file), "tconst"), titles)
    rows = rows.mutate(averageRating=decimal(rows.averageRating), numVotes=integer(rows.numVotes))
    reasons = [
        *row_faults(rows, "tconst"),
        Reason("unknown_title", "unknown", ~rows.known),
        Reason("not_a_number", "fault", rows.averageRating.isnull() | rows.numVotes.isnull()),
        Reason(
            "impossible_average_rating",
            "fault",
            outside(rows.averageRating, AVERAGE_RATINGS) | outside(rows.numVotes, VOTES),
        ),
        Reason("movie_not_kept", "rule", ~rows.movie),
    ]
    rows = cleaner.remove("title_ratings", rows, reasons)
    return cleaner.remove_repeats("title_ratings", rows, ["tconst"])


def read_episodes(cleaner: Cleaner, file: RawFile) -> None:
    """Check and count episodes, none of which is a movie."""
    rows = with_ids(cleaner.read(file), "tconst")
    not_loaded = Reason("episodes_not_loaded", "rule", ibis.literal(True))
    cleaner.remove("episodes", rows, [*row_faults(rows, "tconst"), not_loaded])


def _no_number(text: Any) -> Any:
    return text.notnull() & integer(text).isnull()


def of_movies(rows: Any, titles: Titles) -> Any:
    """Rows with two flags: `known`, whether the title exists, and `movie`, whether it is a candidate."""
    return flagged(flagged(rows, titles.known, "tconst", "known"), titles.movies, "tconst", "movie")


def choose_movies(
    cleaner: Cleaner, movies: Any, title_ratings: Any | None, crew: Any, tables: dict[str, Any]
) -> Any:
    """Candidates that pass the rules on crew, tables and votes.

    `tables` are those that `in_tables` may name, with a unique `tconst`; an absent table has no entry.
    """
    rules = cleaner.rules
    movies = _with_votes(movies, title_ratings)
    flags = {}
    for what in ("directors", "writers"):
        if what in rules.require:
            movies = flagged(movies, crew.filter(crew[f"has_{what}"]), "tconst", f"has_{what}")
            flags[f"no_{what}"] = f"has_{what}"
    for table in rules.in_tables:
        name = "title_ratings" if table == "ratings" else table
        keys = tables.get(table, crew.filter(ibis.literal(False)))
        movies = flagged(movies, keys, "tconst", f"in_{name}")
        flags[f"not_in_{name}"] = f"in_{name}"
    reasons = [Reason(name, "rule", ~movies[flag]) for name, flag in flags.items()]
    for name, column, least in (
        ("average_rating_below", "averageRating", rules.min_average_rating),
        ("num_votes_below", "numVotes", rules.min_num_votes),
    ):
        if least is not None:
            reasons.append(Reason(name, "rule", (movies[column] < least) | movies[column].isnull()))
    return cleaner.remove("basics", movies, reasons).drop(*flags.values()) if reasons else movies


def _with_votes(movies: Any, title_ratings: Any | None) -> Any:
    if title_ratings is None:
        return movies.mutate(averageRating=ibis.null("float64"), numVotes=ibis.null("int64"))
    joined = movies.left_join(title_ratings.select("tconst", "averageRating", "numVotes"), "tconst")
    return joined.select(*movies.columns, "averageRating", "numVotes")
