"""Rows of IMDb's tables for a synthetic data set, each list with its header first."""

from collections.abc import Sequence

import numpy as np

from kgrec_gds.synthetic.rating_history import History
from kgrec_gds.synthetic.world import GENRES, World

Rows = list[Sequence[object]]

_UNNAMED = 0.03  # share of people without a row in name.basics
_UNRATED = 0.05  # share of movies without a row in title.ratings
_OTHER_TYPES = ("tvSeries", "short", "video")  # titles other than movies


def tconst(movie: int) -> str:
    """Id of a movie."""
    return f"tt{movie + 1:07d}"


def nconst(person: int) -> str:
    """Id of a person."""
    return f"nm{person + 1:07d}"


def tables(rng: np.random.Generator, world: World, history: History) -> dict[str, Rows]:
    """IMDb's six tables by name."""
    return {
        "title.basics": _basics(world),
        "title.ratings": _ratings(rng, world, history),
        "title.crew": _crew(world),
        "title.principals": _principals(world),
        "title.episode": [("tconst", "parentTconst", "seasonNumber", "episodeNumber")],
        "name.basics": _names(rng, world),
    }


def _basics(world: World) -> Rows:
    header = "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres"
    rows: Rows = [header.split()]
    for movie, title in enumerate(world.titles):
        genres = ",".join(genre for genre, has in zip(GENRES, world.genres[movie], strict=True) if has)
        year, runtime = int(world.year[movie]), int(world.runtime[movie])
        rows.append((tconst(movie), "movie", title, title, 0, year, None, runtime, genres))
    beyond = len(world.titles)
    for row, kind in enumerate(_OTHER_TYPES):
        title = f"Not a Movie {row + 1}"
        rows.append((tconst(beyond + row), kind, title, title, 0, 2020, None, 25, None))
    # Announced movies have no year.
    announced = (tconst(beyond + len(_OTHER_TYPES)), "movie", "Not Yet Made", "Not Yet Made", 0)
    rows.append((*announced, None, None, None, None))
    return rows


def _ratings(rng: np.random.Generator, world: World, history: History) -> Rows:
    movies = len(world.titles)
    votes = np.bincount(history.movie, minlength=movies)
    total = np.bincount(history.movie, weights=history.rating, minlength=movies)
    # Shrunken towards the overall mean, since IMDb's voters are more than our users.
    average = (total + 6.1 * 20) / (votes + 20)
    kept = np.flatnonzero(rng.random(movies) >= _UNRATED)
    rated = [(tconst(int(m)), f"{average[m]:.1f}", int(votes[m] * 120 + 500 + m)) for m in kept]
    return [("tconst", "averageRating", "numVotes"), *rated]


def _crew(world: World) -> Rows:
    pairs = enumerate(zip(world.director, world.writer, strict=True))
    crew = [
        (tconst(movie), nconst(int(director)), nconst(int(writer))) for movie, (director, writer) in pairs
    ]
    return [("tconst", "directors", "writers"), *crew]


def _principals(world: World) -> Rows:
    rows: Rows = [("tconst", "ordering", "nconst", "category", "job", "characters")]
    for movie, cast in enumerate(world.cast):
        for ordering, person in enumerate(cast, start=1):
            category = "actress" if person % 2 else "actor"
            character = f'["{world.people[(movie + int(person)) % len(world.people)].split()[0]}"]'
            rows.append((tconst(movie), ordering, nconst(int(person)), category, None, character))
        director = nconst(int(world.director[movie]))
        rows.append((tconst(movie), len(cast) + 1, director, "director", None, None))
    return rows


def _names(rng: np.random.Generator, world: World) -> Rows:
    header = ["nconst", "primaryName", "birthYear", "deathYear", "primaryProfession", "knownForTitles"]
    named = np.flatnonzero(rng.random(len(world.people)) >= _UNNAMED)
    born = rng.integers(1930, 2000, size=len(named))
    people = zip(named.tolist(), born.tolist(), strict=True)
    return [header, *((nconst(p), world.people[p], year, None, None, None) for p, year in people)]


def ratings_rows(rng: np.random.Generator, history: History) -> tuple[Rows, int]:
    """Rows of `user_rating.csv`, and how many are faulty: two ratings of zero, and one of an unknown title."""
    rows: Rows = [("userID", "tconst", "rating", "review_date")]
    when = np.datetime_as_string(history.rated_at.astype("datetime64[s]"))
    rows += [
        (int(user) + 1, tconst(int(movie)), int(rating), f"{at}Z")
        for user, movie, rating, at in zip(history.user, history.movie, history.rating, when, strict=True)
    ]
    faults: Rows = []
    for place in rng.integers(1, len(rows), size=2):
        user, movie, _, at = rows[place]
        faults.append((f"9{user}", movie, 0, at))
    user, _, rating, at = rows[-1]
    faults.append((user, "tt9999999", rating, at))
    return rows + faults, len(faults)
