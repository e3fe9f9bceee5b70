"""Which movies may be recommended: by genre, year, number of ratings, and lists of tconsts."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.ranking.genre_names import check_genres


@dataclass(frozen=True)
class Filters:
    """Conditions that a movie must meet, all of them; without any, every movie may be recommended."""

    genres: tuple[str, ...] = ()
    """At least one of these genres."""
    years: tuple[int | None, int | None] = (None, None)
    """First and last year, None for an open end; a movie of unknown year meets no condition on the year."""
    min_ratings: int = 0
    """At least so many ratings before the time in question."""
    exclude: frozenset[str] = frozenset()
    """None of these tconsts."""
    among: frozenset[str] | None = None
    """One of these tconsts."""

    def unknown(self, dataset: Dataset) -> list[str]:
        """The tconsts of `among` and `exclude` that the data set does not have, sorted."""
        return sorted((self.exclude | (self.among or frozenset())) - set(dataset.movies.tconst))


def rating_counts(dataset: Dataset, at: int) -> NDArray[np.int64]:
    """Ratings of each movie before a time, shape (movies,)."""
    end = int(np.searchsorted(dataset.ratings.rated_at, at))
    return np.bincount(dataset.ratings.movie_index[:end], minlength=len(dataset.movies))


def allowed_movies(dataset: Dataset, filters: Filters, at: int) -> NDArray[np.bool_] | None:
    """Which movies meet the conditions, shape (movies,); None where all do.

    Raises:
        InputError: a genre that no movie has.
    """
    if filters == Filters():
        return None
    movies = dataset.movies
    allowed = np.ones(len(movies), bool)
    if filters.genres:
        allowed &= _of_genres(dataset, filters.genres)
    first, last = filters.years
    if first is not None:
        allowed &= movies.year >= first  # false for NaN
    if last is not None:
        allowed &= movies.year <= last
    if filters.min_ratings:
        allowed &= rating_counts(dataset, at) >= filters.min_ratings
    if filters.among is not None:
        allowed &= np.isin(movies.tconst, list(filters.among))
    if filters.exclude:
        allowed &= ~np.isin(movies.tconst, list(filters.exclude))
    allowed[0] = False
    return allowed


def _of_genres(dataset: Dataset, genres: Iterable[str]) -> NDArray[np.bool_]:
    relation = dataset.movies.relations.get("genres")
    keys = [] if relation is None else [str(key) for key in relation.keys]
    check_genres(genres, keys[1:])
    found = np.zeros(len(dataset.movies), bool)
    if relation is not None:
        wanted = {genre.casefold() for genre in genres}
        chosen = np.array([key.casefold() in wanted for key in keys])
        rows = np.repeat(np.arange(len(found)), np.diff(relation.indptr))
        found[rows[chosen[relation.indices]]] = True
    return found
