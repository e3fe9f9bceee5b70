"""What to recommend, as a person asks for it. Imports neither numpy nor a model."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from kgrec_gds.errors import InputError
from kgrec_gds.serving.recommendations import Order

if TYPE_CHECKING:
    from kgrec_gds.serving.recommender import RecommendOptions


@dataclass(frozen=True)
class RecommendRequest:
    """What to recommend to whom."""

    k: int = 10
    """Number of movies."""
    live: bool = False
    """Rank and predict now, even if the graph holds recommendations that are up to date."""
    model_id: str | None = None
    """A model run; the promoted or else the latest where None."""
    genres: tuple[str, ...] = ()
    """Only movies of at least one of these genres."""
    years: str | None = None
    """Only movies of these years: `1994`, `1990-1999`, `1990-` or `-1950`."""
    min_ratings: int = 0
    """Only movies with at least so many ratings."""
    exclude: tuple[str, ...] = ()
    """None of these movies (tconst)."""
    among: tuple[str, ...] | None = None
    """Only these movies (tconst)."""
    order: Order = "relevance"
    """By ranking score, or by predicted rating."""
    diversity: float = 0.0
    """0-1: how much a movie should differ from those above it."""
    new: int = 0
    """Places kept for movies that hardly anybody rated, chosen by shared people."""
    as_of: str | int | date | None = None
    """Recommend as of this date (ISO 8601, UTC) or time (epoch seconds)."""

    def check(self) -> None:
        """Refuse values outside their range.

        Raises:
            InputError: there is one.
        """
        if not 0 <= self.diversity <= 1:
            raise InputError(f"Invalid diversity {self.diversity}; expected a number from 0 to 1.")
        if not 0 <= self.new <= self.k:
            raise InputError(f"Invalid new {self.new}; expected 0 to {self.k}, the number of movies.")
        if self.order == "rating" and (self.diversity or self.new):
            raise InputError(
                "diversity and new change the order by relevance; leave them out with order rating."
            )
        _years(self.years)
        _epoch(self.as_of)

    @property
    def year_range(self) -> tuple[int | None, int | None]:
        """First and last year; None for an open end."""
        return _years(self.years)

    def options(self) -> "RecommendOptions":
        """The same for the loaded model."""
        from kgrec_gds.ranking.filters import Filters
        from kgrec_gds.ranking.top_lists import ListOptions
        from kgrec_gds.serving.recommender import RecommendOptions

        among = None if self.among is None else frozenset(self.among)
        filters = Filters(self.genres, self.year_range, self.min_ratings, frozenset(self.exclude), among)
        lists = ListOptions(self.k, self.diversity, self.new)
        return RecommendOptions(lists, filters, self.order, _epoch(self.as_of))

    @property
    def default(self) -> bool:
        """Whether recommendations that `predict` wrote answer it."""
        return replace(self, k=10, model_id=None) == RecommendRequest()


def _years(text: str | None) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    first, dash, last = text.strip().partition("-")
    whole = [part.strip() for part in (first, last)]
    if any(part and not (part.isdecimal() and len(part) == 4) for part in whole) or not any(whole):
        raise InputError(f"Invalid years {text!r}; expected e.g. 1994, 1990-1999, 1990- or -1950.")
    years = [int(part) if part else None for part in whole]
    if not dash:
        return years[0], years[0]
    if years[0] is not None and years[1] is not None and years[0] > years[1]:
        raise InputError(f"Invalid years {text!r}: the first is after the last.")
    return years[0], years[1]


def _epoch(as_of: str | int | date | None) -> int | None:
    if as_of is None or isinstance(as_of, int):
        return as_of
    try:
        day = datetime.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    except ValueError as error:
        raise InputError(f"Invalid date {as_of!r}; expected e.g. 2018-05-01 or 2018-05-01T20:00.") from error
    if not isinstance(day, datetime):
        day = datetime(day.year, day.month, day.day)
    return int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp())
