"""Why a row is removed, and how many rows of each table were."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, Literal

#: `fault`: the row itself is wrong. `unknown`: it refers to a title that `title.basics` lacks, which is normal for
#: samples and does not count as a fault. `rule`: a cleaning rule removes it.
Kind = Literal["fault", "unknown", "rule"]

#: Least and greatest value of a column.
YEARS: Final = (1870, 2150)
RUNTIMES: Final = (0, 100_000)
ORDERINGS: Final = (0, 100_000)
AVERAGE_RATINGS: Final = (1, 10)
VOTES: Final = (0, 10**10)
#: Most characters of a value that an index must hold: Neo4j indexes up to 8 kB, and a character takes up to 4 bytes.
LONGEST_NAME: Final = 1000
LONGEST_USER_ID: Final = 256
LONGEST_CHARACTERS: Final = 10_000

#: Reason -> explanation for reports and messages.
EXPLANATIONS: Final = {
    "not_utf8": "it is not valid UTF-8, or holds NUL",
    "wrong_number_of_fields": "it has more or fewer fields than the header",
    "no_id": "an id is empty",
    "duplicate_id": "an earlier row has the same id",
    "not_an_id": "an id is not one of IMDb's (tt or nm, and up to fifteen digits), or a user id is a missing value such as nan",
    "too_long": "an id, a title, a name or the characters are too long",
    "unknown_title": "title.basics has no such tconst",
    "not_a_number": "a field is not a number",
    "impossible_year": f"its startYear is not from {YEARS[0]} to {YEARS[1]}",
    "impossible_runtime": f"its runtimeMinutes is not from {RUNTIMES[0]} to {RUNTIMES[1]:,}",
    "impossible_average_rating": "its averageRating is not from 1 to 10, or its numVotes is negative or too large",
    "impossible_ordering": f"its ordering is not from 0 to {ORDERINGS[1]:,}",
    "no_genre": "a genre is too long, or a missing value such as nan",
    "no_name": "a title or name is too long, or a missing value such as nan",
    "rating_outside_1_10": "its rating is not a number from 1 to 10",
    "rating_outside_scale": "its rating is not a number on the given scale",
    "impossible_date": "its date is not a valid ISO date (UTC), a date such as '16 January 2005', or an epoch time",
    "date_in_future": "its date is in the future",
    "title_type": "the title is of another type",
    "no_year": "the title has no integer startYear",
    "no_directors": "the movie has no director",
    "no_writers": "the movie has no writer",
    "not_in_crew": "title.crew has no row for the movie",
    "not_in_principals": "title.principals has no row for the movie",
    "not_in_title_ratings": "title.ratings has no row for the movie",
    "average_rating_below": "the movie's averageRating is below the minimum, or unknown",
    "num_votes_below": "the movie's numVotes is below the minimum, or unknown",
    "movie_mean_below": "the mean of the movie's user ratings is below the minimum",
    "movie_ratings_below": "the movie has fewer user ratings than the minimum",
    "movie_not_kept": "its title is not among the movies kept",
    "not_an_actor": "the category is neither actor nor actress",
    "repeated_person": "the person is listed already",
    "actor_movies_below": "the actor plays in fewer kept movies than the minimum",
    "director_movies_below": "the director made fewer kept movies than the minimum",
    "user_ratings_below": "the user rated fewer kept movies than the minimum",
    "repeated_rating": "another rating of the same movie by the same user is kept",
    "no_relation": "the person is not connected to any movie kept",
    "episodes_not_loaded": "episodes are not movies",
}


@dataclass(frozen=True)
class Reason:
    """Why a row is removed."""

    name: str
    """Key of `EXPLANATIONS`."""
    kind: Kind
    test: Any
    """Boolean column, true for rows to remove; null counts as false."""


@dataclass
class TableCount:
    """Rows read, kept and removed of one table: rows in = rows kept + rows removed under each reason."""

    file: str
    rows_in: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)

    @property
    def rows_kept(self) -> int:
        """Rows that no reason has removed so far."""
        return self.rows_in - sum(count.total() for count in (self.faults, self.unknown, self.removed))

    def as_plain(self) -> dict[str, Any]:
        """The count for a report, the most frequent reasons first."""
        return {
            "file": self.file,
            "rows_in": self.rows_in,
            "rows_kept": self.rows_kept,
            "faults": dict(self.faults.most_common()),
            "unknown": dict(self.unknown.most_common()),
            "removed": dict(self.removed.most_common()),
        }

    def add(self, kind: Kind, reason: str, rows: int) -> None:
        """Count removed rows."""
        {"fault": self.faults, "unknown": self.unknown, "rule": self.removed}[kind][reason] += rows
