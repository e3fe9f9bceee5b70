"""Why a row is removed, and how many rows of each table were."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, Literal

#: `fault`: the row itself is wrong. `unknown`: it refers to a title that `title.basics` lacks, which is normal for
#: samples and does not count as a fault. `rule`: a cleaning rule removes it.
Kind = Literal["fault", "unknown", "rule"]

#: Reason -> explanation for reports and messages.
EXPLANATIONS: Final = {
    "not_utf8": "it is not valid UTF-8",
    "wrong_number_of_fields": "it has more or fewer fields than the header",
    "no_id": "an id is empty",
    "duplicate_id": "an earlier row has the same id",
    "unknown_title": "title.basics has no such tconst",
    "not_a_number": "a field is not a number",
    "rating_outside_1_10": "its rating is not a number from 1 to 10",
    "impossible_date": "its date is not a valid ISO date (UTC) or a date such as '16 January 2005'",
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
