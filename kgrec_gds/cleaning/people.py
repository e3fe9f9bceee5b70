"""People and their relations to movies: `title.crew`, `title.principals`, `name.basics`."""

from typing import Any, Final

import ibis

from kgrec_gds.cleaning.cleaner import Cleaner
from kgrec_gds.cleaning.expressions import flagged, imdb_id, integer, is_no_name
from kgrec_gds.cleaning.raw_files import RawFile
from kgrec_gds.cleaning.removal_reasons import LONGEST_CHARACTERS, LONGEST_NAME, ORDERINGS, Reason, TableCount
from kgrec_gds.cleaning.titles import Titles, of_movies, outside, row_faults, with_ids

ACTING: Final = ("actor", "actress")
#: Relation -> column of `title.crew`.
CREW_RELATIONS: Final = {"directed": "directors", "wrote": "writers"}
#: Relation -> flag of the person.
ROLES: Final = {"acted_in": "is_actor", "directed": "is_director", "wrote": "is_writer"}


def read_crew(cleaner: Cleaner, file: RawFile, titles: Titles) -> Any:
    """Directors and writers of the candidates: `line`, `text`, `tconst`, `directors`, `writers` (lists), and whether they name any."""
    rows = of_movies(with_ids(cleaner.read(file), "tconst"), titles)
    has = {
        f"has_{what}": rows[what].re_search(r"(?i)\bnm\d").fill_null(False)
        for what in CREW_RELATIONS.values()
    }
    rows = rows.mutate(directors=rows.directors.split(","), writers=rows.writers.split(","), **has)
    reasons = [
        *row_faults(rows, "tconst"),
        Reason("unknown_title", "fault", ~rows.known),
        Reason("movie_not_kept", "rule", ~rows.movie),
    ]
    rows = cleaner.remove("crew", rows, reasons).drop("known", "movie", "tconst_empty")
    return cleaner.remove_repeats("crew", rows, ["tconst"])


def read_principals(cleaner: Cleaner, file: RawFile, titles: Titles) -> tuple[Any, Any]:
    """Actors of the candidates, and the titles that the table lists.

    The columns are `line`, `text`, `nconst`, `tconst`, `ordering`, `characters` (as in the file); and one unique column
    `tconst`, or None if no rule needs it.
    """
    rows = of_movies(with_ids(cleaner.read(file), "tconst", "nconst"), titles)
    rows = rows.mutate(ordering=integer(rows.ordering))
    reasons = [
        *row_faults(rows, "tconst", "nconst"),
        Reason("unknown_title", "fault", ~rows.known),
        Reason("not_a_number", "fault", rows.ordering.isnull()),
        Reason("impossible_ordering", "fault", outside(rows.ordering, ORDERINGS)),
        Reason("too_long", "fault", rows.characters.length() > LONGEST_CHARACTERS),
        Reason("movie_not_kept", "rule", ~rows.movie),
        Reason("not_an_actor", "rule", ~rows.category.isin(ACTING) | rows.category.isnull()),
    ]
    remember = ("tconst",) if "principals" in cleaner.rules.in_tables else ()
    acted, listed = cleaner.separate("principals", rows, reasons, remember=remember)
    acted = acted.drop("known", "movie", "category", "tconst_empty", "nconst_empty")
    acted = cleaner.remove_repeats("principals", acted, ["tconst", "ordering"])
    acted = cleaner.remove_repeats(
        "principals", acted, ["tconst", "nconst"], reason="repeated_person", kind="rule", order=acted.ordering
    )
    return acted, listed.select(*remember).distinct() if remember else None


def of_kept_movies(cleaner: Cleaner, table: str, rows: Any, movies: Any, *, candidates: int) -> Any:
    """Rows whose movie was kept; `candidates` is the number of movies that were left when the rows were read."""
    if cleaner.counts["basics"].rows_kept == candidates:
        return rows
    rows = flagged(rows, movies, "tconst", "kept")
    return cleaner.remove(table, rows, [Reason("movie_not_kept", "rule", ~rows.kept)]).drop("kept")


def crew_relation(cleaner: Cleaner, crew: Any, relation: str) -> Any:
    """`nconst`, `tconst` of `directed` or `wrote`, one row per person and movie, counted under the relation's name."""
    cleaner.counts[relation] = TableCount(cleaner.counts["crew"].file)
    pairs = crew.select("line", "text", "tconst", nconst=crew[CREW_RELATIONS[relation]].unnest())
    pairs = pairs.mutate(empty=pairs.nconst.strip() == "", nconst=imdb_id(pairs.nconst, "nm"))
    reasons = [Reason("no_id", "fault", pairs.empty), Reason("not_an_id", "fault", pairs.nconst.isnull())]
    pairs = cleaner.remove(relation, pairs, reasons).drop("empty")
    return cleaner.remove_repeats(
        relation, pairs, ["tconst", "nconst"], reason="repeated_person", kind="rule"
    )


def at_least(cleaner: Cleaner, table: str, rows: Any, key: str, least: int | None, reason: str) -> Any:
    """Rows whose `key` occurs in at least that many rows; all rows if `least` is None."""
    if least is None:
        return rows
    counted = rows.mutate(number=rows[key].count().over(ibis.window(group_by=rows[key])))
    return cleaner.remove(table, counted, [Reason(reason, "rule", counted.number < least)]).drop("number")


def read_persons(cleaner: Cleaner, file: RawFile, relations: dict[str, Any]) -> Any:
    """Everyone related to a movie: `nconst`, `name` (null if no row names the person) and the person's roles.

    `relations` are `acted_in`, `directed` and `wrote`, each with `nconst`.
    """
    roles = ibis.union(
        *(
            rows.select("nconst")
            .distinct()
            .mutate(**{flag: ibis.literal(role == relation) for role, flag in ROLES.items()})
            for relation, rows in relations.items()
        )
    )
    persons = roles.group_by("nconst").agg(**{flag: roles[flag].any() for flag in ROLES.values()})
    persons = cleaner.engine.store(persons, "roles")
    rows = flagged(with_ids(cleaner.read(file), "nconst"), persons, "nconst", "related")
    reasons = [
        *row_faults(rows, "nconst"),
        Reason("no_name", "fault", is_no_name(rows.primaryName, LONGEST_NAME)),
        Reason("no_relation", "rule", ~rows.related),
    ]
    names = cleaner.remove("names", rows, reasons).drop("related", "nconst_empty")
    names = cleaner.remove_repeats("names", names, ["nconst"])
    joined = persons.left_join(names.select("nconst", "primaryName"), "nconst")
    return joined.select("nconst", *ROLES.values(), name="primaryName")
