"""Data quality: completeness, accuracy, consistency, timeliness, representativeness, privacy."""

import time
from pathlib import Path
from typing import Any, Final

import ibis

from kgrec_gds.cleaning.cleaning_result import TABLE_NAMES, open_tables
from kgrec_gds.cleaning.rules import CleaningRules

#: Columns that may be null.
_OPTIONAL_COLUMNS: Final = {
    "movies": ("title", "year", "runtimeMinutes", "averageRating", "numVotes", "genres"),
    "persons": ("name",),
    "acted_in": ("characters",),
}


def quality(folder: Path, counts: dict[str, Any], rules: CleaningRules) -> dict[str, Any]:
    """Rows of each clean table in `folder`, and the six parts of the quality report.

    `counts` are those of the raw tables, as in the report's `tables`.
    """
    connection = open_tables(folder)
    try:
        tables = {name: connection.table(name) for name in TABLE_NAMES}
        rows = {name: int(table.count().execute()) for name, table in tables.items()}
        return {
            "rows": rows | {"users": int(tables["ratings"].userId.nunique().execute())},
            "completeness": _completeness(tables),
            "accuracy": _accuracy(counts),
            "consistency": _consistency(tables, counts),
            "timeliness": _timeliness(tables),
            "representativeness": _representativeness(tables),
            "privacy": _privacy(tables, rules),
        }
    finally:
        connection.disconnect()


def _rows(expression: Any) -> list[dict[str, Any]]:
    return expression.to_pyarrow().to_pylist()


def _one(expression: Any) -> dict[str, Any]:
    (row,) = _rows(expression)
    return row


def _completeness(tables: dict[str, Any]) -> dict[str, Any]:
    """Share of known values by column (0-1), and of movies that have each relation."""
    known = {}
    for name, columns in _OPTIONAL_COLUMNS.items():
        table = tables[name]
        known[name] = _one(table.agg(**{column: table[column].notnull().mean() for column in columns}))
    movies = tables["movies"].count().execute()
    reached = {
        relation: int(tables[relation].tconst.nunique().execute()) / movies if movies else None
        for relation in ("acted_in", "directed", "wrote", "has_genre", "ratings")
    }
    return {"known": known, "movies_with": reached}


def _accuracy(counts: dict[str, Any]) -> dict[str, Any]:
    """Faulty rows by table and reason, and their share of the table."""
    return {
        table: {"faults": count["faults"], "share": _share(sum(count["faults"].values()), count["rows_in"])}
        for table, count in counts.items()
    }


def _consistency(tables: dict[str, Any], counts: dict[str, Any]) -> dict[str, Any]:
    """Disagreements between the tables."""
    unknown = {table: count["unknown"].get("unknown_title", 0) for table, count in counts.items()}
    persons, alone = tables["persons"], tables["movies"]
    for relation in ("acted_in", "directed", "wrote", "has_genre"):
        alone = alone.anti_join(tables[relation], "tconst")
    return {
        "persons_without_name": int(persons.name.isnull().sum().fill_null(0).execute()),
        "rows_of_unknown_titles": {table: rows for table, rows in unknown.items() if rows},
        "movies_without_any_relation": int(alone.count().execute()),
    }


def _timeliness(tables: dict[str, Any]) -> dict[str, Any]:
    """Span of the ratings in epoch seconds, ratings by year, ratings after now, and years of the movies."""
    ratings, movies = tables["ratings"], tables["movies"]
    span = _one(
        ratings.agg(
            first=ratings.ratedAt.min(),
            last=ratings.ratedAt.max(),
            after_now=(ratings.ratedAt > int(time.time())).sum().fill_null(0),
            at_midnight_share=(ratings.ratedAt % 86400 == 0).mean(),
        )
    )
    year = ratings.ratedAt.as_timestamp("s").year()
    by_year = _rows(ratings.group_by(year=year).agg(ratings=ratings.count()).order_by("year"))
    return {
        "ratings": span,
        "ratings_by_year": {str(row["year"]): row["ratings"] for row in by_year},
        "movie_years": _one(
            movies.agg(first=movies.year.min(), median=movies.year.median(), last=movies.year.max())
        ),
    }


def _representativeness(tables: dict[str, Any]) -> dict[str, Any]:
    """How the ratings are distributed over values, users and movies."""
    ratings = tables["ratings"]
    by_value = _rows(ratings.group_by("rating").agg(n=ratings.count()).order_by("rating"))
    times = ratings.group_by("userId", "ratedAt").agg(n=ratings.count())
    tied = _one(times.agg(tied=times.n.sum(where=times.n > 1), all=times.n.sum()))
    sizes = _one(ratings.agg(users=ratings.userId.nunique(), movies=ratings.tconst.nunique()))
    return {
        "ratings_by_value": {f"{row['rating']:g}": row["n"] for row in by_value},
        "per_user": _spread(ratings, "userId"),
        "per_movie": _spread(ratings, "tconst"),
        "movies_without_rating": int(tables["movies"].anti_join(ratings, "tconst").count().execute()),
        "density": _share(tied["all"] or 0, sizes["users"] * sizes["movies"]),
        "share_tied_in_time": _share(tied["tied"] or 0, tied["all"] or 0),
    }


def _spread(ratings: Any, key: str) -> dict[str, Any]:
    """Quantiles of the number of ratings per key, and the share of ratings of the most active 1 %."""
    sizes = ratings.group_by(key).agg(n=ratings.count())
    ranked = sizes.mutate(rank=ibis.percent_rank().over(ibis.window(order_by=sizes.n.desc())))
    return _one(
        ranked.agg(
            least=ranked.n.min(),
            median=ranked.n.median(),
            mean=ranked.n.mean(),
            ninetieth_percentile=ranked.n.quantile(0.9),
            most=ranked.n.max(),
            share_of_busiest_percent=ranked.n.sum(where=ranked["rank"] < 0.01) / ranked.n.sum(),
        )
    )


def _privacy(tables: dict[str, Any], rules: CleaningRules) -> dict[str, Any]:
    """Whether user ids are hashed, and how many users can be singled out by what they rated."""
    ratings = tables["ratings"]
    raters = ratings.group_by("tconst").agg(n=ratings.count())
    alone = raters.filter(raters.n == 1).select("tconst")
    return {
        "user_ids": "salted SHA-256" if rules.user_salt else "as in the file",
        "users": int(ratings.userId.nunique().execute()),
        # The only user to have rated a movie can be identified by that alone.
        "users_alone_with_a_movie": int(ratings.semi_join(alone, "tconst").userId.nunique().execute()),
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
