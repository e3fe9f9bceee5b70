"""What `prepare` may be told: every cleaning rule by name, and the two presets."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

from kgrec_gds.errors import InputError

REQUIREMENTS: Final = ("year", "directors", "writers")
JOINABLE_TABLES: Final = ("crew", "principals", "ratings")


@dataclass(frozen=True)
class PrepareSettings:
    """The cleaning rules; None switches a threshold off.

    Raises:
        InputError: a value is outside what its rule can mean.
    """

    title_types: tuple[str, ...] = ("movie",)
    """Kinds of title (`titleType`) that become movies."""
    require: tuple[str, ...] = ("year",)
    """What a movie must have: `year` (an integer `startYear`), `directors`, `writers`."""
    in_tables: tuple[str, ...] = ()
    """Tables in which a movie must have a row besides `title.basics`: `crew`, `principals`, `ratings`."""
    min_average_rating: float | None = None
    """Least `averageRating` of IMDb; a movie without one does not pass."""
    min_num_votes: int | None = None
    """Least `numVotes` of IMDb; a movie without one does not pass."""
    duplicate_ratings: Literal["last", "first"] = "last"
    """Which rating by time stays where a user rated a movie more than once."""
    min_movie_mean: float | None = None
    """Magnitude filter: least mean of a movie's user ratings."""
    min_movie_ratings: int | None = None
    """Magnitude filter: least number of a movie's user ratings."""
    min_actor_movies: int | None = None
    """Magnitude filter: least number of kept movies an actor played in."""
    min_director_movies: int | None = None
    """Magnitude filter: least number of kept movies a director made."""
    min_user_ratings: int | None = None
    """Magnitude filter: least number of a user's ratings of kept movies."""
    max_bad_share: float = 0.05
    """Share of a table's rows that may be faulty (0-1); above it the table itself is taken to be wrong."""
    quarantine_removed: bool = False
    """Whether rows that a rule removed go to the quarantine file too, beside the faulty ones."""
    user_salt: str | None = field(default=None, repr=False)
    """With a salt, user ids become salted hashes; the salt is a secret and is written nowhere."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    """What computes the expressions; the counts are the same."""
    memory_limit: str = "4GB"
    """Memory that DuckDB may use before it spills to the work folder, such as `500MB` or `4GB`."""

    def __post_init__(self) -> None:
        """Refuse values that no rule can mean."""
        _one_of("require", self.require, REQUIREMENTS)
        _one_of("in_tables", self.in_tables, JOINABLE_TABLES)
        _one_of("duplicate_ratings", (self.duplicate_ratings,), ("last", "first"))
        _one_of("engine", (self.engine,), ("duckdb", "spark"))
        if not self.title_types:
            raise InputError(
                "title_types should name at least one kind of title, such as 'movie'; it is empty."
            )
        if not 0 <= self.max_bad_share <= 1:
            raise InputError(f"max_bad_share should be a share from 0 to 1; it is {self.max_bad_share}.")
        if self.user_salt is not None and len(self.user_salt) < 8:
            raise InputError(
                "user_salt should have at least 8 characters, or hashed ids are easy to guess; try a password."
            )

    @classmethod
    def preset(cls, name: str = "default", **changes: Any) -> Self:
        """Settings of a preset (`default` or `paper`), with some of them changed.

        Raises:
            InputError: no such preset, or no such setting.
        """
        if name not in PRESETS:
            raise InputError(f"The preset should be one of {', '.join(PRESETS)}; {name!r} is none.")
        return cls.from_mapping({**PRESETS[name], **changes})

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Settings from names and values; lists become tuples.

        Raises:
            InputError: a name is no setting.
        """
        known = {item.name for item in dataclasses.fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise InputError(
                f"Settings of prepare should be among {', '.join(sorted(known))}; there is no {', '.join(unknown)}."
            )
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**plain)

    def as_plain(self) -> dict[str, Any]:
        """The settings for a report: everything but the salt, of which only its presence is told."""
        plain = dataclasses.asdict(self)
        plain["user_salt"] = None if self.user_salt is None else "(given)"
        return plain


#: Preset -> what differs from the defaults. `paper` holds the published rules.
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
        raise InputError(
            f"{name} should hold only {', '.join(allowed)}; it holds {', '.join(map(repr, wrong))}."
        )
