"""Clean a data set in one call: the order in which the rules apply."""

import datetime as dt
import glob
import json
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from kgrec_gds.cleaning import people, titles, user_ratings
from kgrec_gds.cleaning.cleaner import Cleaner
from kgrec_gds.cleaning.cleaning_result import QUARANTINE, REPORT, TABLE_NAMES, CleaningResult, as_text
from kgrec_gds.cleaning.engine import Engine
from kgrec_gds.cleaning.quality import quality
from kgrec_gds.cleaning.raw_files import USER_RATINGS, RawFile, find_raw_files, other_ratings
from kgrec_gds.cleaning.removal_reasons import EXPLANATIONS
from kgrec_gds.cleaning.rules import CleaningRules
from kgrec_gds.errors import InputError
from kgrec_gds.progress import Callback

#: Columns by which each clean table is ordered, so that equal input gives equal files.
_ORDER: Final = {
    "movies": ("tconst",),
    "persons": ("nconst",),
    "acted_in": ("tconst", "ordering"),
    "directed": ("tconst", "nconst"),
    "wrote": ("tconst", "nconst"),
    "genres": ("name",),
    "has_genre": ("tconst", "name"),
    "ratings": ("ratedAt", "userId", "tconst"),
}


def clean(
    imdb: Path | str,
    ratings: Path | str | None,
    rules: CleaningRules,
    *,
    out: Path,
    callback: Callback | None = None,
) -> CleaningResult:
    """Clean IMDb's tables and user ratings into the tables of the graph.

    Text is a URI or a path, a `Path` a local one. Without `ratings`, user ratings are those of `user_rating.csv` or `user_rating.csv.gz` in the folder `imdb`; if neither
    exists, the result has none. Earlier results in `out` are replaced in one step at the end. Only one process may use it at
    a time: temporary folders of killed runs are removed. The stages of `callback` are the raw files, in bytes read, and the
    clean tables written.

    Raises:
        InputError: the input cannot be used; `out` is unchanged.
    """
    _check_replaceable(out)
    _remove_temporary_folders(out)
    with _temporary_folder_beside(out) as folder:
        work, fresh = Path(folder) / "work", Path(folder) / "fresh"
        work.mkdir()
        fresh.mkdir()
        with closing(_open_engine(work, rules, callback)) as engine:
            files = find_raw_files(
                engine.path(imdb), None if ratings is None else engine.path(ratings), rules.user
            )
            cleaner = Cleaner(engine, rules)
            _export(engine, cleaner, _clean_tables(cleaner, files), fresh)
            _report(cleaner, files, fresh)
        _replace(out, fresh)
    return CleaningResult.open(out)


def _open_engine(work: Path, rules: CleaningRules, callback: Callback | None) -> Engine:
    if rules.engine == "spark":
        from kgrec_gds.cleaning.spark_engine import SparkEngine

        return SparkEngine(work, rules, callback)
    return Engine(work, rules, callback)


def _clean_tables(cleaner: Cleaner, files: dict[str, RawFile]) -> dict[str, Any]:
    """The clean tables as expressions."""
    found = titles.read_titles(cleaner, files["basics"])
    title_ratings = None
    candidates = cleaner.counts["basics"].rows_kept
    if "title_ratings" in files:
        title_ratings = titles.read_title_ratings(cleaner, files["title_ratings"], found)
    if "episodes" in files:
        titles.read_episodes(cleaner, files["episodes"])
    crew = people.read_crew(cleaner, files["crew"], found)
    acted, listed = people.read_principals(cleaner, files["principals"], found)
    tables = {"crew": crew, "principals": listed, "ratings": title_ratings}
    movies = titles.choose_movies(
        cleaner,
        found.movies,
        title_ratings,
        crew,
        {name: rows for name, rows in tables.items() if rows is not None},
    )
    _check_movies_left(cleaner)
    chosen = cleaner.counts["basics"].rows_kept
    ratings = user_ratings.no_ratings()
    if USER_RATINGS not in files and (others := other_ratings(files["basics"].path.parent)):
        cleaner.warnings.append(
            f"There are no user ratings: user_rating.csv[.gz] is not in the folder, but {', '.join(others)} is. "
            "Pass it with --ratings if those are the ratings."
        )
    if USER_RATINGS in files:
        known = titles.Titles(found.known, movies)
        ratings = user_ratings.read_ratings(cleaner, files[USER_RATINGS], known)
        movies = user_ratings.movies_rated_enough(cleaner, movies, ratings)
        _check_movies_left(cleaner)
        ratings = people.of_kept_movies(cleaner, USER_RATINGS, ratings, movies, candidates=chosen)
        least = cleaner.rules.min_user_ratings
        ratings = people.at_least(cleaner, USER_RATINGS, ratings, "userId", least, "user_ratings_below")
        _check_rows_left(cleaner, USER_RATINGS, "rating")
        ratings = user_ratings.hash_user_ids(cleaner, ratings)
    relations = _relations(cleaner, acted, crew, movies, candidates)
    persons = people.read_persons(cleaner, files["names"], relations)
    return _ordered(movies, persons, relations, ratings)


def _check_movies_left(cleaner: Cleaner) -> None:
    _check_rows_left(cleaner, "basics", "movie")


def _check_rows_left(cleaner: Cleaner, table: str, what: str) -> None:
    count = cleaner.counts[table]
    if count.rows_kept:
        return
    ((reason, rows),) = (count.removed + count.faults + count.unknown).most_common(1)
    raise InputError(
        f"No {what} of {count.file} is left after cleaning {count.rows_in:,} rows. Most frequent reason: "
        f"{EXPLANATIONS[reason]} ({rows:,}). Check the tables, or relax that rule."
    )


def _relations(cleaner: Cleaner, acted: Any, crew: Any, movies: Any, candidates: int) -> dict[str, Any]:
    rules = cleaner.rules
    acted = people.of_kept_movies(cleaner, "principals", acted, movies, candidates=candidates)
    crew = people.of_kept_movies(cleaner, "crew", crew, movies, candidates=candidates)
    acted = people.at_least(
        cleaner, "principals", acted, "nconst", rules.min_actor_movies, "actor_movies_below"
    )
    directed = people.crew_relation(cleaner, crew, "directed")
    directed = people.at_least(
        cleaner, "directed", directed, "nconst", rules.min_director_movies, "director_movies_below"
    )
    return {"acted_in": acted, "directed": directed, "wrote": people.crew_relation(cleaner, crew, "wrote")}


def _ordered(movies: Any, persons: Any, relations: dict[str, Any], ratings: Any) -> dict[str, Any]:
    """The tables with the columns of `TABLE_NAMES`, ordered."""
    has_genre = movies.select("tconst", name=movies.genres.unnest())
    has_genre = has_genre.mutate(name=has_genre.name.strip())
    has_genre = has_genre.filter(has_genre.name != "").distinct()
    tables = {
        **relations,
        "movies": movies,
        "persons": persons,
        "genres": has_genre.select("name").distinct(),
        "has_genre": has_genre,
        "ratings": ratings,
    }
    return {name: tables[name].select(*TABLE_NAMES[name]).order_by(*order) for name, order in _ORDER.items()}


def _export(engine: Engine, cleaner: Cleaner, tables: dict[str, Any], folder: Path) -> None:
    for done, name in enumerate(TABLE_NAMES, start=1):
        engine.export(tables[name], folder / f"{name}.parquet")
        engine.callback("clean tables", done, len(TABLE_NAMES))
    engine.export(cleaner.quarantine(), folder / QUARANTINE)


def _report(cleaner: Cleaner, files: dict[str, RawFile], folder: Path) -> None:
    tables = {table: count.as_plain() for table, count in cleaner.counts.items()}
    report = {
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "settings": cleaner.rules.as_plain(),
        "files": {table: str(file.path) for table, file in files.items()},
        "tables": tables,
        "warnings": cleaner.warnings,
        **quality(folder, tables, cleaner.rules),
    }
    text = json.dumps(report, indent=2, ensure_ascii=False)
    (folder / REPORT).write_text(f"{text}\n", encoding="utf-8")
    (folder / REPORT).with_suffix(".txt").write_text(as_text(report), encoding="utf-8")


def _check_replaceable(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir() or (any(out.iterdir()) and not (out / REPORT).is_file()):
        raise InputError(
            f"{out} contains something other than earlier cleaning results, and would be overwritten; expected a new "
            "or empty folder. Choose another folder."
        )


def _remove_temporary_folders(out: Path) -> None:
    """Remove the temporary folders of killed runs, which hold raw rows with user ids."""
    # tempfile appends eight characters; a longer suffix belongs to another folder (`clean-paper` beside `clean`).
    for folder in out.parent.glob(f".{glob.escape(out.name)}-{'?' * 8}"):
        if folder.is_dir() and {path.name for path in folder.iterdir()} <= {"work", "fresh", "old"}:
            shutil.rmtree(folder, ignore_errors=True)


def _temporary_folder_beside(out: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder on the same file system as `out`, so that results move by renaming."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent)
    except OSError as error:
        raise InputError(
            f"Cannot write to {out.parent} ({error.strerror}); expected a writable folder. Choose another folder."
        ) from error


def _replace(out: Path, fresh: Path) -> None:
    """Replace `out` by `fresh`; if that fails, the old results come back."""
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
