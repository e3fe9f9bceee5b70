"""Read the graph into arrays, part by part: memory of server and client does not grow with a table's Python objects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.collector import rare_collections
from kgrec_gds.data.dataset import RELATIONS, Dataset, Movies, Ratings, Relation, Vectors
from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.errors import InputError

#: Nodes of a part; the nodes of a part follow each other by key, so that an index finds them.
_SIZE = 5_000
_COLUMNS = ("keys", "title", "year", "average_rating", "num_votes")
_RATING_COLUMNS = {
    "user_index": np.int32,
    "movie_index": np.int32,
    "rating": np.float32,
    "rated_at": np.int64,
}


@rare_collections()
def pull(
    connection: Connection,
    method: str | None = None,
    until: int | None = None,
    *,
    others: Iterable[str] = (),
    names: bool = False,
) -> Dataset:
    """Read movies with their people and genres, ratings, and vectors.

    Users, movies and entities are sorted by key, so the same graph gives the same arrays.

    `method` names the vectors that models read, `others` more to compare; `until` keeps the ratings before that time
    (epoch seconds); `names` adds the names of people.

    Raises:
        InputError: the graph has no movies, there is no such method, or the graph has no vectors of it.
    """
    movies = _movies(connection, names=names)
    movie_index = {key: number for number, key in enumerate(movies.tconst)}
    user_ids, ratings = pull_ratings(connection, movie_index, until)
    vectors = None if method is None else pull_vectors(connection, method, movies)
    more = tuple(pull_vectors(connection, other, movies) for other in others if other != method)
    return Dataset(user_ids, movies, ratings, vectors, more)


def available_methods(connection: Connection) -> tuple[str, ...]:
    """Methods with a vector on at least one movie, the preferred first."""
    rows = connection.run("data/vector_properties", properties=list(VECTOR_PROPERTIES.values()))
    found = {row["property"] for row in rows}
    return tuple(method for method, name in VECTOR_PROPERTIES.items() if name in found)


def vectors_cutoff(connection: Connection, method: str) -> int | None:
    """Cut-off of the ratings that a method's vectors were made with, epoch seconds; None for vectors without ratings."""
    found = connection.run("data/vectors_cutoff", method=method)
    return found[0]["cutoff"] if found else None


def pull_vectors(connection: Connection, method: str, movies: Movies) -> Vectors:
    """Read the vectors of one method, aligned with the rows of movies, people and genres.

    Raises:
        InputError: there is no such method, no movie has a vector of it, or the vectors differ in size.
    """
    if method not in VECTOR_PROPERTIES:
        known = ", ".join(VECTOR_PROPERTIES)
        raise InputError(f"Unknown embedding method {method!r}; expected one of {known}.")
    name = VECTOR_PROPERTIES[method]
    of_movies = _vectors(connection, "movies", name, [movies.tconst])
    if of_movies is None:
        have = ", ".join(available_methods(connection)) or "none"
        raise InputError(
            f"No movie has a {method} vector (methods present: {have}). "
            f"Create them: kgrec-gds embed --method {method}."
        )
    size = of_movies[0].shape[1]
    entities: dict[str, NDArray[np.float32]] = {}
    for label in ("people", "genres"):
        names = [relation for relation in movies.relations if (relation == "genres") == (label == "genres")]
        tables = _vectors(connection, label, name, [movies.relations[each].keys for each in names], size)
        entities |= dict(zip(names, tables or (), strict=True))
    return Vectors(method, of_movies[0], {relation: entities[relation] for relation in movies.relations})


def _vectors(
    connection: Connection,
    label: str,
    name: str,
    tables: Sequence[NDArray[np.object_]],
    size: int | None = None,
) -> list[NDArray[np.float32]] | None:
    """Vectors of nodes, one row a key of each table, which are sorted; None where no size is known and none has any."""
    first = "", size
    found = None if size is None else [np.zeros((len(keys), size), np.float32) for keys in tables]
    for part in _parts(connection, f"data/vectors_of_{label}", property=name):
        if not part["known"]:
            continue
        if found is None:
            first = part["known"][0], len(part["vectors"][0])
            found = [np.zeros((len(keys), first[1]), np.float32) for keys in tables]
        for key, vector in zip(part["known"], part["vectors"], strict=True):
            if len(vector) != first[1]:
                raise InputError(
                    f"Vectors differ in size: {key} has {len(vector)} numbers, others have {first[1]}. An embedding was "
                    "interrupted; run kgrec-gds embed again."
                )
        known, vectors = np.array(part["known"], object), np.array(part["vectors"], np.float32)
        for keys, rows in zip(tables, found, strict=True):
            place = np.minimum(np.searchsorted(keys, known), len(keys) - 1)
            there = keys[place] == known
            rows[place[there]] = vectors[there]
    return found


def _movies(connection: Connection, *, names: bool) -> Movies:
    """The catalogue, sorted by tconst, with its relations."""
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for part in _parts(connection, "data/movies"):
        for name, values in columns.items():
            values.extend(part[name])
    tconst = _with_padding(columns["keys"])
    if len(tconst) == 1:
        raise InputError("The graph has no movies. Import some first: kgrec-gds import.")
    lists = {relation: _Lists() for relation in RELATIONS}
    for part in _parts(connection, "data/relations"):
        for relation, found in lists.items():
            found.add(part[relation])
    called: dict[str, str] | None = None
    if names:
        called = {}
        for part in _parts(connection, "data/person_names"):
            called |= zip(part["keys"], part["names"], strict=True)
    return Movies(
        tconst=tconst,
        title=_with_padding(columns["title"]),
        year=_numbers(columns["year"]),
        average_rating=_numbers(columns["average_rating"]),
        num_votes=_numbers(columns["num_votes"]),
        relations={relation: found.relation(called) for relation, found in lists.items()},
    )


class _Lists:
    """Lists of keys by movie, kept as numbers."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._lengths, self._found = [np.zeros(2, np.int64)], [np.zeros(0, np.int32)]

    def add(self, lists: Sequence[Sequence[str]]) -> None:
        """Keys of the next movies."""
        numbers = self._numbers
        lengths = np.fromiter(map(len, lists), np.int64, len(lists))
        keys = (numbers.setdefault(key, len(numbers)) for key in chain.from_iterable(lists))
        self._lengths.append(lengths)
        self._found.append(np.fromiter(keys, np.int32, int(lengths.sum())))

    def relation(self, called: Mapping[str, str] | None) -> Relation:
        """The lists as a relation whose keys are sorted."""
        keys = sorted(self._numbers)
        index = np.zeros(len(keys), np.int32)
        index[[self._numbers[key] for key in keys]] = np.arange(1, len(keys) + 1, dtype=np.int32)
        return Relation(
            keys=_with_padding(keys),
            indptr=np.cumsum(np.concatenate(self._lengths)),
            indices=index[np.concatenate(self._found)],
            names=None if called is None else _with_padding(called.get(key, key) for key in keys),
        )


def pull_ratings(
    connection: Connection, movie_index: Mapping[str, int], until: int | None = None
) -> tuple[NDArray[np.object_], Ratings]:
    """Read user ids, with the padding row, and ratings; see `pull` for `until`."""
    users: list[str] = []
    parts: list[Ratings] = []
    for part in _parts(connection, "data/ratings", until=until):
        lengths = np.fromiter(map(len, part["rating"]), np.int64, len(part["keys"]))
        size = int(lengths.sum())
        first = len(users) + 1
        users += part["keys"]
        parts.append(
            Ratings(
                np.repeat(np.arange(first, len(users) + 1, dtype=np.int32), lengths),
                np.fromiter(
                    (movie_index[key] for key in chain.from_iterable(part["tconst"])), np.int32, size
                ),
                np.fromiter(chain.from_iterable(part["rating"]), np.float32, size),
                np.fromiter(chain.from_iterable(part["rated_at"]), np.int64, size),
            )
        )
    user, movie, rating, rated_at = (
        np.concatenate([np.zeros(0, kind), *(getattr(part, name) for part in parts)])
        for name, kind in _RATING_COLUMNS.items()
    )
    # The database need not order strings as Python does.
    order = sorted(range(len(users)), key=users.__getitem__)
    rank = np.zeros(len(users) + 1, np.int32)
    rank[np.array(order, np.int64) + 1] = np.arange(1, len(users) + 1)
    ratings = Ratings(rank[user], movie, rating, rated_at).in_order()
    return _with_padding(users[row] for row in order), ratings


def _parts(connection: Connection, query: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
    """The parts of a table: records whose columns are lists, with the nodes' `keys`."""
    after = ""
    while True:
        # Streamed records keep their lists as they are; those of `one` are copied element by element.
        (part,) = connection.stream(query, after=after, size=_SIZE, **parameters)
        if part["keys"]:
            yield part
        if len(part["keys"]) < _SIZE:
            return
        after = part["keys"][-1]


def with_history(dataset: Dataset, history: Mapping[str, Any]) -> Dataset | None:
    """Replace one user's ratings by those that the graph holds now; None if the user rated a movie not in the data set.

    `history` has `user_id`, who may be new, and columns `tconst`, `rating` and `rated_at` of all the user's ratings. The
    data set itself is returned if nothing has changed.
    """
    keys, ratings, user = dataset.movies.tconst, dataset.ratings, history["user_id"]
    movie = np.searchsorted(keys, np.array(history["tconst"], object)).astype(np.int32)
    if any(row == len(keys) or keys[row] != key for row, key in zip(movie, history["tconst"], strict=True)):
        return None
    found = np.flatnonzero(dataset.user_ids == user)
    index = int(found[0]) if len(found) else len(dataset.user_ids)
    theirs = ratings.user_index == index
    now = Ratings(
        np.full(len(movie), index, np.int32),
        movie,
        np.array(history["rating"], np.float32),
        np.array(history["rated_at"], np.int64),
    ).in_order()
    before = ratings.take(np.flatnonzero(theirs))
    columns = list(vars(ratings))
    if len(found) and all(np.array_equal(getattr(now, name), getattr(before, name)) for name in columns):
        return dataset
    both = (np.concatenate([getattr(ratings, name)[~theirs], getattr(now, name)]) for name in columns)
    users = dataset.user_ids if len(found) else np.append(dataset.user_ids, user)
    return replace(dataset, user_ids=users, ratings=Ratings(*both).in_order())


def _with_padding(keys: Iterable[str]) -> NDArray[np.object_]:
    return np.array(["", *keys], dtype=object)


def _numbers(values: list[float]) -> NDArray[np.float32]:
    return np.array([np.nan, *values], np.float32)
