"""Draw movies and people; people work together in circles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.synthetic.names import people, titles
from kgrec_gds.synthetic.synthetic_settings import SyntheticDataSettings

GENRES = "Action Comedy Crime Drama Fantasy Horror Romance Sci-Fi Thriller Western".split()  # noqa: SIM905 - reads best
CAST = 4
_MOVIES_A_DIRECTOR = 8
_ROLES_AN_ACTOR = 10
_OUTSIDERS = 0.1  # share of a cast that comes from any circle
_FROM_BEFORE = 0.35  # share of movies older than the first rating
_LAST_YEAR = 2022
_EPOCH = 1970
DAY = 86_400


@dataclass(frozen=True)
class World:
    """Movies in order of release, and the people in them; all arrays by movie row."""

    titles: list[str]
    year: NDArray[np.int64]  # (movies,)
    released_at: NDArray[np.int64]  # (movies,) epoch seconds
    runtime: NDArray[np.int64]  # (movies,) minutes
    quality: NDArray[np.float64]  # (movies,) rating points above the mean
    genres: NDArray[np.bool_]  # (movies, len(GENRES))
    director: NDArray[np.int64]  # (movies,) row in `people`
    writer: NDArray[np.int64]  # (movies,) row in `people`; often the director
    cast: NDArray[np.int64]  # (movies, CAST) rows in `people`, in billing order
    people: list[str]
    circle: NDArray[np.int64]  # (people,)


def start_of_ratings(settings: SyntheticDataSettings) -> int:
    """Epoch seconds of the first day on which anyone rates."""
    return _seconds(_LAST_YEAR + 1 - settings.years)


def end_of_ratings() -> int:
    """Epoch seconds of the end of the last day."""
    return _seconds(_LAST_YEAR + 1)


def _seconds(year: int) -> int:
    return int(np.datetime64(f"{year}-01-01", "s").astype(np.int64))


def make_world(rng: np.random.Generator, settings: SyntheticDataSettings) -> World:
    """Draw movies, people and their relations."""
    movies, circles = settings.movies, settings.circles
    directors = max(circles, movies // _MOVIES_A_DIRECTOR)
    actors = max(circles * CAST * 2, movies * CAST // _ROLES_AN_ACTOR)
    count = 2 * directors + actors
    # Directors, then writers, then actors, assigned to circles in turn, so that each circle has some of each.
    circle = np.arange(count) % circles
    movie_circle = rng.integers(circles, size=movies)
    director = _member(rng, movie_circle, directors, circles)
    writer = np.where(
        rng.random(movies) < 0.4, director, directors + _member(rng, movie_circle, directors, circles)
    )
    released_at = _release_times(rng, settings)
    return World(
        titles=titles(rng, movies),
        year=released_at.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + _EPOCH,
        released_at=released_at,
        runtime=rng.integers(75, 165, size=movies),
        quality=rng.normal(0.0, 0.4, size=movies),
        genres=_genres(rng, movies),
        director=director,
        writer=writer,
        cast=_casts(rng, movie_circle, first=2 * directors, actors=actors, circle=circle),
        people=people(rng, count),
        circle=circle,
    )


def _release_times(rng: np.random.Generator, settings: SyntheticDataSettings) -> NDArray[np.int64]:
    before = int(settings.movies * _FROM_BEFORE)
    start, end = start_of_ratings(settings), end_of_ratings()
    old = rng.integers(start - 20 * 365 * DAY, start, size=before)
    # The last movie is released a month before the end, so that it is rated.
    new = rng.integers(start, end - 30 * DAY, size=settings.movies - before)
    return np.sort(np.concatenate([old, new]))


def _member(
    rng: np.random.Generator, circle: NDArray[np.int64], count: int, circles: int
) -> NDArray[np.int64]:
    """One person of each given circle, among `count` people assigned to circles in turn."""
    within = (rng.random(len(circle)) * ((count - circle - 1) // circles + 1)).astype(np.int64)
    return within * circles + circle


def _casts(
    rng: np.random.Generator,
    movie_circle: NDArray[np.int64],
    *,
    first: int,
    actors: int,
    circle: NDArray[np.int64],
) -> NDArray[np.int64]:
    rows = np.arange(first, first + actors)
    cast = np.empty((len(movie_circle), CAST), dtype=np.int64)
    for movie, own in enumerate(movie_circle):
        weight = np.where(circle[rows] == own, 1.0, _OUTSIDERS / len(set(circle)))
        cast[movie] = rng.choice(rows, size=CAST, replace=False, p=weight / weight.sum())
    return cast


def _genres(rng: np.random.Generator, movies: int) -> NDArray[np.bool_]:
    chosen = np.zeros((movies, len(GENRES)), dtype=np.bool_)
    for movie, count in enumerate(rng.integers(1, 4, size=movies)):
        chosen[movie, rng.choice(len(GENRES), size=count, replace=False)] = True
    return chosen
