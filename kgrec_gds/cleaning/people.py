"""People and what they did: `title.crew`, `title.principals`, `name.basics`."""

from typing import Any, Final

import ibis

from kgrec_gds.cleaning.expressions import copy_number, flagged, integer, name_list
from kgrec_gds.cleaning.raw_files import Source
from kgrec_gds.cleaning.removed_rows import Reason, Sieve, TableCount
from kgrec_gds.cleaning.titles import Titles, broken_rows, of_movies, without_copies

ACTING: Final = ("actor", "actress")
#: Relation -> column of `title.crew` and flag of the person.
CREW_RELATIONS: Final = {"directed": "directors", "wrote": "writers"}
ROLES: Final = {"acted_in": "is_actor", "directed": "is_director", "wrote": "is_writer"}


def read_crew(sieve: Sieve, source: Source, titles: Titles) -> Any:
    """Directors and writers of the candidates: `line`, `text`, `tconst`, `directors`, `writers` (lists)."""
    rows = of_movies(sieve.read(source), titles)
    rows = rows.mutate(directors=name_list(rows.directors), writers=name_list(rows.writers))
    reasons = [
        *broken_rows(rows, "tconst"),
        Reason("unknown_title", "fault", ~rows.known),
        Reason("movie_not_kept", "rule", ~rows.movie),
    ]
    rows = sieve.sift("crew", rows, reasons).drop("known", "movie")
    return without_copies(sieve, "crew", rows, ("tconst",))


def read_principals(sieve: Sieve, source: Source, titles: Titles) -> tuple[Any, Any]:
    """Actors of the candidates, and the titles that occur in the table at all.

    Returns:
        `line`, `text`, `nconst`, `tconst`, `ordering`, `characters` (as the file spells them); and one unique
        column `tconst`.
    """
    rows = of_movies(sieve.read(source), titles)
    rows = rows.mutate(ordering=integer(rows.ordering))
    reasons = [
        *broken_rows(rows, "tconst", "nconst"),
        Reason("unknown_title", "fault", ~rows.known),
        Reason("not_a_number", "fault", rows.ordering.isnull()),
        Reason("movie_not_kept", "rule", ~rows.movie),
        Reason("not_an_actor", "rule", ~rows.category.isin(ACTING) | rows.category.isnull()),
    ]
    remember = ("tconst",) if "principals" in sieve.settings.in_tables else ()
    acted, seen = sieve.split("principals", rows, reasons, remember=remember)
    acted = without_copies(
        sieve, "principals", acted.drop("known", "movie", "category"), ("tconst", "ordering")
    )
    twice = acted.mutate(copy=copy_number(acted, ("tconst", "nconst"), acted.ordering))
    acted = sieve.sift("principals", twice, [Reason("repeated_person", "rule", twice.copy > 0)]).drop("copy")
    return acted, seen.select(*remember).distinct() if remember else None


def keep_of_movies(sieve: Sieve, table: str, rows: Any, movies: Any, *, matched: int) -> Any:
    """Rows whose movie was kept; `matched` is the number of movies that were left when the rows were read."""
    if sieve.counts["basics"].rows_kept == matched:
        return rows
    rows = flagged(rows, movies, "tconst", "kept")
    return sieve.sift(table, rows, [Reason("movie_not_kept", "rule", ~rows.kept)]).drop("kept")


def crew_relation(sieve: Sieve, crew: Any, relation: str) -> Any:
    """`nconst`, `tconst` of `directed` or `wrote`, one row a person and movie, counted under the relation's name."""
    sieve.counts[relation] = TableCount(sieve.counts["crew"].file)
    pairs = crew.select("line", "text", "tconst", nconst=crew[CREW_RELATIONS[relation]].unnest())
    pairs = pairs.mutate(nconst=pairs.nconst.strip())
    pairs = pairs.mutate(copy=copy_number(pairs, ("tconst", "nconst")))
    reasons = [
        Reason("no_id", "fault", pairs.nconst == ""),
        Reason("repeated_person", "rule", pairs.copy > 0),
    ]
    return sieve.sift(relation, pairs, reasons).drop("copy")


def at_least(sieve: Sieve, table: str, rows: Any, key: str, *, least: int | None, reason: str) -> Any:
    """Rows whose `key` has at least so many rows; all of them where `least` is None."""
    if least is None:
        return rows
    counted = rows.mutate(number=rows[key].count().over(ibis.window(group_by=rows[key])))
    return sieve.sift(table, counted, [Reason(reason, "rule", counted.number < least)]).drop("number")


def read_persons(sieve: Sieve, source: Source, relations: dict[str, Any]) -> Any:
    """Everyone with a relation: `nconst`, `name` (null where no table names the person) and their roles.

    Args:
        sieve: counts and settings.
        source: `name.basics`.
        relations: `acted_in`, `directed`, `wrote`, each with `nconst`.
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
    persons = sieve.engine.store(persons, "roles")
    rows = flagged(sieve.read(source), persons, "nconst", "related")
    reasons = [*broken_rows(rows, "nconst"), Reason("no_relation", "rule", ~rows.related)]
    names = without_copies(sieve, "names", sieve.sift("names", rows, reasons).drop("related"), ("nconst",))
    joined = persons.left_join(names.select("nconst", "primaryName"), "nconst")
    return joined.select("nconst", *ROLES.values(), name="primaryName").select(
        "nconst", "name", *ROLES.values()
    )
