"""Raw files to clean tables, in one go: the order in which the rules apply."""

import datetime as dt
import glob
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kgrec_gds.cleaning import people, titles
from kgrec_gds.cleaning import user_ratings as opinions
from kgrec_gds.cleaning.cleaning_report import as_text, write_json
from kgrec_gds.cleaning.cleaning_result import QUARANTINE, REPORT, TABLE_NAMES, Prepared
from kgrec_gds.cleaning.engine import Engine, open_engine
from kgrec_gds.cleaning.quality import quality
from kgrec_gds.cleaning.raw_files import USER_RATINGS, Source, find_sources
from kgrec_gds.cleaning.removed_rows import WORDS, Sieve
from kgrec_gds.cleaning.rules import PrepareSettings
from kgrec_gds.errors import InputError


def prepare(
    imdb: Path,
    ratings: Path | None,
    settings: PrepareSettings,
    *,
    out: Path,
    tell: Callable[[str], None] = lambda _: None,
) -> Prepared:
    """Clean IMDb's tables and user ratings into the tables of the graph.

    Args:
        imdb: folder of IMDb's tables.
        ratings: file of user ratings; None means `user_rating.csv` or `user_rating.csv.gz` in `imdb`, and where
            there is neither, a graph of movies alone.
        settings: the cleaning rules.
        out: folder of the results; what an earlier run left there is replaced, at the very end and at once. Only one
            run at a time may have it: what lies beside it of a run that was killed is removed.
        tell: told, in words, which table is being read.

    Raises:
        InputError: the input is not what it should be; `out` is as it was.
    """
    _check_replaceable(out)
    _remove_stale_rooms(out)
    sources = find_sources(imdb, ratings)
    with _room_beside(out) as folder:
        work, fresh = Path(folder) / "work", Path(folder) / "fresh"
        work.mkdir()
        fresh.mkdir()
        with open_engine(work, settings) as engine:
            sieve = Sieve(engine, settings)
            tables = _clean(sieve, sources, tell)
            tell("writing the clean tables")
            _export(engine, sieve, tables, fresh)
            _report(sieve, sources, fresh)
        _swap(fresh, out)
    return Prepared.open(out)


def _clean(sieve: Sieve, sources: dict[str, Source], tell: Callable[[str], None]) -> dict[str, Any]:
    """The clean tables as expressions; each step needs those before it."""
    tell("reading title.basics")
    found = titles.read_titles(sieve, sources["basics"])
    title_ratings = None
    candidates = sieve.counts["basics"].rows_kept
    if "title_ratings" in sources:
        title_ratings = titles.read_title_ratings(sieve, sources["title_ratings"], found)
    if "episodes" in sources:
        titles.read_episodes(sieve, sources["episodes"])
    tell("reading title.crew and title.principals")
    crew = people.read_crew(sieve, sources["crew"], found)
    acted, seen = people.read_principals(sieve, sources["principals"], found)
    present = {"crew": crew, "principals": seen, "ratings": title_ratings}
    movies = titles.choose_movies(
        sieve,
        found.movies,
        title_ratings,
        crew,
        {name: rows for name, rows in present.items() if rows is not None},
    )
    _check_left(sieve)
    chosen = sieve.counts["basics"].rows_kept
    opinion = opinions.no_ratings()
    if USER_RATINGS in sources:
        tell("reading the user ratings")
        opinion = opinions.read_ratings(sieve, sources[USER_RATINGS], titles.Titles(found.known, movies))
        movies = opinions.rated_enough(sieve, movies, opinion)
        _check_left(sieve)
        opinion = people.keep_of_movies(sieve, USER_RATINGS, opinion, movies, matched=chosen)
        opinion = people.at_least(
            sieve,
            USER_RATINGS,
            opinion,
            "userId",
            least=sieve.settings.min_user_ratings,
            reason="user_ratings_below",
        )
        opinion = opinions.pseudonymous(sieve, opinion)
    relations = _relations(sieve, acted, crew, movies, matched=candidates)
    tell("reading name.basics")
    persons = people.read_persons(sieve, sources["names"], relations)
    return _shaped(movies, persons, relations, opinion)


def _check_left(sieve: Sieve) -> None:
    """Refuse to go on with no movie; InputError names the rule that took most."""
    count = sieve.counts["basics"]
    if count.rows_kept:
        return
    gone = (count.removed + count.faults).most_common(1)
    raise InputError(
        f"At least one movie of {count.file} should be left after cleaning, but none of {count.rows_in:,} rows is; "
        f"most went because {WORDS[gone[0][0]]} ({gone[0][1]:,}). Check the tables, or loosen that rule."
    )


def _relations(sieve: Sieve, acted: Any, crew: Any, movies: Any, *, matched: int) -> dict[str, Any]:
    settings = sieve.settings
    acted = people.keep_of_movies(sieve, "principals", acted, movies, matched=matched)
    crew = people.keep_of_movies(sieve, "crew", crew, movies, matched=matched)
    acted = people.at_least(
        sieve, "principals", acted, "nconst", least=settings.min_actor_movies, reason="actor_movies_below"
    )
    directed = people.crew_relation(sieve, crew, "directed")
    directed = people.at_least(
        sieve,
        "directed",
        directed,
        "nconst",
        least=settings.min_director_movies,
        reason="director_movies_below",
    )
    return {"acted_in": acted, "directed": directed, "wrote": people.crew_relation(sieve, crew, "wrote")}


def _shaped(movies: Any, persons: Any, relations: dict[str, Any], opinion: Any) -> dict[str, Any]:
    """The tables with exactly the columns that the next room reads, ordered by key so that runs compare."""
    has_genre = movies.select("tconst", name=movies.genres.unnest())
    has_genre = has_genre.mutate(name=has_genre.name.strip())
    has_genre = has_genre.filter(has_genre.name != "").distinct()
    return {
        "movies": movies.select(
            "tconst", "title", "year", "runtimeMinutes", "averageRating", "numVotes", "genres"
        ).order_by("tconst"),
        "persons": persons.order_by("nconst"),
        "acted_in": relations["acted_in"]
        .select("nconst", "tconst", "ordering", "characters")
        .order_by("tconst", "ordering"),
        "directed": relations["directed"].select("nconst", "tconst").order_by("tconst", "nconst"),
        "wrote": relations["wrote"].select("nconst", "tconst").order_by("tconst", "nconst"),
        "genres": has_genre.select("name").distinct().order_by("name"),
        "has_genre": has_genre.order_by("tconst", "name"),
        "ratings": opinion.select("userId", "tconst", "rating", "ratedAt").order_by(
            "ratedAt", "userId", "tconst"
        ),
    }


def _export(engine: Engine, sieve: Sieve, tables: dict[str, Any], folder: Path) -> None:
    for name in TABLE_NAMES:
        engine.export(tables[name], folder / f"{name}.parquet")
    engine.export_csv(sieve.quarantine(), folder / QUARANTINE)


def _report(sieve: Sieve, sources: dict[str, Source], folder: Path) -> None:
    tables = {table: count.as_plain() for table, count in sieve.counts.items()}
    report = {
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "settings": sieve.settings.as_plain(),
        "files": {table: str(source.path) for table, source in sources.items()},
        "tables": tables,
        **quality(folder, tables, sieve.settings),
    }
    write_json(report, folder / REPORT)
    (folder / REPORT).with_suffix(".txt").write_text(as_text(report), encoding="utf-8")


def _check_replaceable(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir() or (any(out.iterdir()) and not (out / REPORT).is_file()):
        raise InputError(
            f"{out} should be a new or empty folder, or hold the results of an earlier run; it holds something else, "
            "which would be lost. Name another folder."
        )


def _remove_stale_rooms(out: Path) -> None:
    """Remove the rooms of runs that were killed: they hold raw rows, user ids included."""
    # tempfile's eight characters: a longer end is the room of another folder, `clean-paper` beside `clean`.
    for room in out.parent.glob(f".{glob.escape(out.name)}-{'?' * 8}"):
        if room.is_dir() and {path.name for path in room.iterdir()} <= {"work", "fresh", "old"}:
            shutil.rmtree(room, ignore_errors=True)


def _room_beside(out: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder on the same file system as `out`, so that a rename suffices at the end."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent)
    except OSError as error:
        raise InputError(
            f"{out.parent} should be a folder that can be written to, but it is not ({error.strerror}). Name another folder."
        ) from error


def _swap(fresh: Path, out: Path) -> None:
    """Put `fresh` in the place of `out`; at no time is half a result there."""
    old = fresh.with_name("old")
    if out.exists():
        out.rename(old)
    try:
        fresh.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
