"""The cleaning rules by name, and the two presets."""

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

from kgrec_gds.cleaning.removal_reasons import LONGEST_USER_ID
from kgrec_gds.errors import InputError
from kgrec_gds.schema import MAX_RATING, MIN_RATING

_SCALE: Final = re.compile(r"(-?\d{1,6}(?:\.\d+)?)(?:-|to|\.\.)(-?\d{1,6}(?:\.\d+)?)")
REQUIREMENTS: Final = ("year", "directors", "writers")
JOINABLE_TABLES: Final = ("crew", "principals", "ratings")


@dataclass(frozen=True)
class CleaningRules:
    """The cleaning rules; None switches a threshold off.

    Raises:
        InputError: a value is out of range.
    """

    title_types: tuple[str, ...] = ("movie",)
    """Title types (`titleType`) that count as movies."""
    require: tuple[str, ...] = ("year",)
    """What a movie must have: `year` (an integer `startYear`), `directors`, `writers`."""
    in_tables: tuple[str, ...] = ()
    """Tables in which a movie must have a row besides `title.basics`: `crew`, `principals`, `ratings`."""
    min_average_rating: float | None = None
    """Minimum `averageRating` of IMDb; a movie without one is removed."""
    min_num_votes: int | None = None
    """Minimum `numVotes` of IMDb; a movie without one is removed."""
    duplicate_ratings: Literal["last", "first"] = "last"
    """Which rating by time to keep if a user rated a movie more than once."""
    min_movie_mean: float | None = None
    """Magnitude filter: minimum mean of a movie's user ratings."""
    min_movie_ratings: int | None = None
    """Magnitude filter: minimum number of a movie's user ratings."""
    min_actor_movies: int | None = None
    """Magnitude filter: minimum number of kept movies that an actor plays in."""
    min_director_movies: int | None = None
    """Magnitude filter: minimum number of kept movies of a director."""
    min_user_ratings: int | None = None
    """Magnitude filter: minimum number of a user's ratings of kept movies."""
    max_bad_share: float = 0.05
    """Maximum share (0-1) of faulty rows in a table; with more, the import stops."""
    quarantine_removed: bool = False
    """Whether to quarantine rows removed by a rule too, not only faulty ones."""
    user_salt: str | None = field(default=None, repr=False)
    """Salt to hash user ids with; a secret, written nowhere."""
    rating_scale: str | None = None
    """Least and greatest rating of user ratings, such as `0.5-5`, which become 1 and 10, and those in between by a straight
    line. None means 1-10, and stops at ratings that look like another scale."""
    user: str | None = None
    """Who gave all ratings, if their file has no column of users."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    """What computes the expressions; the results are the same."""
    memory_limit: str = "4GB"
    """Memory that DuckDB may use before it spills to disk, such as `500MB` or `4GB`."""

    def __post_init__(self) -> None:
        """Check the values."""
        _one_of("require", self.require, REQUIREMENTS)
        _one_of("in_tables", self.in_tables, JOINABLE_TABLES)
        _one_of("duplicate_ratings", (self.duplicate_ratings,), ("last", "first"))
        _one_of("engine", (self.engine,), ("duckdb", "spark"))
        if not self.title_types:
            raise InputError("title_types is empty; expected at least one title type, such as 'movie'.")
        if not 0 <= self.max_bad_share <= 1:
            raise InputError(f"Invalid max_bad_share {self.max_bad_share}; expected a share from 0 to 1.")
        if self.rating_scale is not None:
            self.scale  # noqa: B018 - raises if it is none
        if self.user is not None and not 0 < len(self.user.strip()) <= LONGEST_USER_ID:
            raise InputError(f"Invalid user {self.user[:40]!r}; expected 1 to {LONGEST_USER_ID} characters.")
        if self.user_salt is not None and len(self.user_salt) < 8:
            raise InputError(
                "user_salt is too short; expected at least 8 characters, so that hashed ids are hard to guess."
            )

    @property
    def scale(self) -> tuple[float, float]:
        """Least and greatest rating of `rating_scale`."""
        if self.rating_scale is None:
            return float(MIN_RATING), float(MAX_RATING)
        found = _SCALE.fullmatch(self.rating_scale.replace(" ", ""))
        if not found or not float(found[1]) < float(found[2]):
            raise InputError(
                f"Invalid rating_scale {self.rating_scale!r}; expected the least and the greatest rating, e.g. 0.5-5 or 1-5."
            )
        return float(found[1]), float(found[2])

    @classmethod
    def preset(cls, name: str = "default", **changes: Any) -> Self:
        """Rules of a preset (`default` or `paper`) with some of them changed.

        Raises:
            InputError: no such preset or rule, or an invalid value.
        """
        if name not in PRESETS:
            raise InputError(f"Unknown preset {name!r}; expected one of {', '.join(PRESETS)}.")
        known = {item.name for item in dataclasses.fields(cls)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise InputError(
                f"Unknown cleaning rule {', '.join(unknown)}; expected one of {', '.join(sorted(known))}."
            )
        plain = {it: tuple(value) if isinstance(value, list) else value for it, value in changes.items()}
        return cls(**{**PRESETS[name], **plain})

    def as_plain(self) -> dict[str, Any]:
        """The rules for a report, without the salt itself."""
        plain = dataclasses.asdict(self)
        if self.user_salt is not None:
            plain["user_salt"] = "(given)"
            plain["user"] = None if self.user is None else "(given)"
        return plain


#: Preset -> rules that differ from the defaults. `paper` has the published rules.
PRESETS: Final[dict[str, dict[str, Any]]] = {
    "default": {},
    "paper": {
        "require": ("year", "directors", "writers"),
        "in_tables": ("crew", "principals", "ratings"),
        "min_average_rating": 4.5,
        "min_num_votes": 500,
        "min_movie_mean": 6.0,
        "min_movie_ratings": 10,
        "min_actor_movies": 2,
        "min_director_movies": 1,
        "min_user_ratings": 2,
    },
}


def _one_of(name: str, values: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    wrong = [value for value in values if value not in allowed]
    if wrong:
        raise InputError(f"Invalid {name} {', '.join(map(repr, wrong))}; expected {', '.join(allowed)}.")
