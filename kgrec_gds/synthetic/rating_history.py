"""Draw ratings: users rate in sessions, according to their preferences."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.synthetic.synthetic_settings import SyntheticDataSettings
from kgrec_gds.synthetic.world import DAY, World, end_of_ratings, start_of_ratings

_MEAN = 6.1
_SESSION = 6  # mean number of ratings per session
_TIES = 0.15  # share of ratings with the same time as the previous one
_FRESH = 150 * DAY  # decay of a movie's audience
_LATEST_ARRIVAL = 0.92  # share of the years; later users would have no time to rate


@dataclass(frozen=True)
class History:
    """Ratings in order of time; all arrays are (ratings,)."""

    user: NDArray[np.int64]
    movie: NDArray[np.int64]
    rating: NDArray[np.int64]
    rated_at: NDArray[np.int64]


def make_history(rng: np.random.Generator, settings: SyntheticDataSettings, world: World) -> History:
    """Draw every user's sessions and ratings."""
    liking = planted_liking(rng, settings, world)  # (users, movies)
    start, end = start_of_ratings(settings), end_of_ratings()
    # Half of the users join early, the others over all years.
    arrivals = start + (end - start) * _LATEST_ARRIVAL * rng.random(settings.users) ** 1.5
    counts = _counts(rng, settings, len(world.titles))
    columns = [
        _one_user(rng, world, user, int(counts[user]), int(arrivals[user])) for user in range(settings.users)
    ]
    user, movie, rated_at = (np.concatenate(column) for column in zip(*columns, strict=True))
    exact = liking[user, movie] + rng.normal(0.0, settings.noise, size=len(user))
    rating = np.clip(np.rint(exact), 1, 10).astype(np.int64)
    order = np.lexsort((movie, user, rated_at))
    return History(user[order], movie[order], rating[order], rated_at[order])


def planted_liking(
    rng: np.random.Generator, settings: SyntheticDataSettings, world: World
) -> NDArray[np.float64]:
    """The rating of every movie by every user, without noise: (users, movies) rating points.

    A user prefers circles of people (through a movie's director and cast), single directors and actors, and genres.
    Users also differ in their mean rating, and movies in quality.
    """
    users = settings.users
    circle_taste = rng.normal(0.0, 1.0, size=(users, settings.circles))
    # Centred: the user's mean is a term of its own below.
    circle_taste -= circle_taste.mean(axis=1, keepdims=True)
    person_taste = circle_taste[:, world.circle]  # (users, people)
    own_taste = rng.normal(0.0, 1.0, size=person_taste.shape)
    genre_taste = rng.normal(0.0, 1.0, size=(users, world.genres.shape[1]))
    shares = world.genres / world.genres.sum(axis=1, keepdims=True)  # (movies, genres)
    director = 0.9 * person_taste[:, world.director] + 0.5 * own_taste[:, world.director]
    cast = (0.9 * person_taste + 0.6 * own_taste)[:, world.cast].mean(axis=2)  # (users, movies)
    taste = director + cast + 1.1 * genre_taste @ shares.T
    mildness = rng.normal(0.0, 0.6, size=(users, 1))
    return np.asarray(_MEAN + mildness + world.quality + settings.taste * taste)


def _counts(rng: np.random.Generator, settings: SyntheticDataSettings, movies: int) -> NDArray[np.int64]:
    spread = 0.7
    more = settings.ratings_per_user - settings.fewest_ratings
    drawn = more * rng.lognormal(-spread * spread / 2, spread, size=settings.users)
    return np.minimum(settings.fewest_ratings + np.rint(drawn).astype(np.int64), movies // 4)


def _one_user(
    rng: np.random.Generator, world: World, user: int, count: int, arrival: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    sessions = np.maximum(1, int(np.ceil(count / _SESSION)))
    starts = np.sort(rng.integers(arrival, end_of_ratings() - 3600 * 8, size=sessions))
    seen = np.zeros(len(world.titles), dtype=np.bool_)
    movies: list[NDArray[np.int64]] = []
    times: list[NDArray[np.int64]] = []
    for at, size in zip(starts, np.diff(np.linspace(0, count, sessions + 1).astype(np.int64)), strict=True):
        age = at - world.released_at
        weight = np.where((age >= 0) & ~seen, 0.05 + np.exp(-np.maximum(age, 0) / _FRESH), 0.0)
        size_here = min(int(size), int((weight > 0).sum()))
        chosen = rng.choice(len(weight), size=size_here, replace=False, p=weight / weight.sum())
        seen[chosen] = True
        gaps = np.where(rng.random(size_here) < _TIES, 0, rng.integers(5, 240, size=size_here))
        movies.append(chosen)
        times.append(at + np.cumsum(gaps))
    movie = np.concatenate(movies)
    return np.full(len(movie), user, dtype=np.int64), movie, np.concatenate(times)
