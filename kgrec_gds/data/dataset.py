"""The graph as arrays: ratings, movies, their relations to people and genres, and their vectors.

Row 0 of everything indexed by user, movie or entity is padding, so index 0 in a sequence means "no step".
"""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

#: Relations from a movie to its entities, in the order in which models read them.
RELATIONS = ("directors", "actors", "writers", "genres")

#: How far clocks and time zones of other machines may be ahead, in seconds.
_CLOCKS_DIFFER = 86_400

Derived = TypeVar("Derived")


@dataclass(frozen=True)
class Ratings:
    """All ratings, ordered by time, then user, then movie. Each array has shape (events,)."""

    user_index: NDArray[np.int32]
    movie_index: NDArray[np.int32]
    rating: NDArray[np.float32]
    """On the original 1-10 scale."""
    rated_at: NDArray[np.int64]
    """Epoch seconds, UTC."""

    def __len__(self) -> int:
        return len(self.rating)

    def in_order(self) -> "Ratings":
        """The same ratings, sorted by time, then user, then movie."""
        return self.take(np.lexsort((self.movie_index, self.user_index, self.rated_at)))

    def take(self, events: NDArray[np.integer] | NDArray[np.bool_] | slice) -> "Ratings":
        """The chosen events, in the order given."""
        return Ratings(
            self.user_index[events], self.movie_index[events], self.rating[events], self.rated_at[events]
        )


@dataclass(frozen=True)
class Relation:
    """One relation of the knowledge graph: the entities of movie m are `indices[indptr[m]:indptr[m + 1]]`."""

    keys: NDArray[np.object_]
    """Key (nconst or genre name) by entity index; row 0 is padding."""
    indptr: NDArray[np.int64]
    """Shape (movies + 1,), where movies counts the padding row."""
    indices: NDArray[np.int32]
    """Entity indices, each >= 1; actors in billing order."""
    names: NDArray[np.object_] | None = None
    """Display names by entity index, the key where there is no name; None where they were not pulled."""

    def of(self, movie_index: int) -> NDArray[np.int32]:
        """Entity indices of one movie."""
        return self.indices[self.indptr[movie_index] : self.indptr[movie_index + 1]]


@dataclass(frozen=True)
class Vectors:
    """Knowledge-graph vectors of one method; a row of zeros means that the node has none."""

    method: str
    """`fastrp`, `node2vec`, `transe` or `distmult`."""
    movies: NDArray[np.float32]
    """Shape (movies, embedding_size)."""
    entities: dict[str, NDArray[np.float32]]
    """By relation, shape (entities of that relation, embedding_size), rows as in `Relation.keys`."""


@dataclass(frozen=True)
class Movies:
    """The catalogue: every movie of the graph, rated or not. Each array has shape (movies,)."""

    tconst: NDArray[np.object_]
    title: NDArray[np.object_]
    year: NDArray[np.float32]
    """NaN where unknown."""
    average_rating: NDArray[np.float32]
    """IMDb's later snapshot, NaN where unknown; for protocol `paper` and the audit only."""
    num_votes: NDArray[np.float32]
    """As `average_rating`."""
    relations: dict[str, Relation] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.tconst)


@dataclass(frozen=True)
class Dataset:
    """Everything that training, evaluation and prediction read."""

    user_ids: NDArray[np.object_]
    """User id (a string) by user_index; row 0 is padding."""
    movies: Movies
    ratings: Ratings
    vectors: Vectors | None = None
    """The vectors that models read; None without an embedding."""
    others: tuple[Vectors, ...] = ()
    """Vectors of other methods, for comparing methods."""
    _derived: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def derive(self, make: Callable[["Dataset"], Derived]) -> Derived:
        """Return `make(self)`, computed once and kept as long as this data set lives.

        A data set made from this one by `dataclasses.replace` starts without derived values.
        """
        if make not in self._derived:
            self._derived.setdefault(make, make(self))
        derived: Derived = self._derived[make]
        return derived

    def forget(self) -> None:
        """Drop what was derived, which is most of the memory; it is made again where it is needed."""
        self._derived.clear()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_derived": {}}

    @property
    def now(self) -> int:
        """The second after the latest rating, for which recommendations are made.

        The wall clock would add the years between the end of the data and today, which no training has seen. Ratings dated
        more than a day ahead of it are errors and do not count, unless all are: then the clock is wrong.
        """
        if not len(self.ratings):
            return 0
        known = int(np.searchsorted(self.ratings.rated_at, time.time() + _CLOCKS_DIFFER, side="right"))
        return int(self.ratings.rated_at[known - 1]) + 1

    @property
    def all_vectors(self) -> tuple[Vectors, ...]:
        """The vectors that models read, if any, and those of other methods."""
        return self.others if self.vectors is None else (self.vectors, *self.others)

    def methods(self) -> tuple[str, ...]:
        """Names of the methods with vectors, the one that models read first."""
        return tuple(vectors.method for vectors in self.all_vectors)

    def reading(self, method: str) -> "Dataset":
        """The same data set, with models reading the vectors of another method.

        Raises:
            KeyError: there are no vectors of that method.
        """
        found = {vectors.method: vectors for vectors in self.all_vectors}
        return replace(self, vectors=found.pop(method), others=tuple(found.values()))

    def save(self, path: Path) -> None:
        """Write to one `.npz` file, without pickles."""
        tables: dict[str, dict[str, Any]] = {"ratings": vars(self.ratings), "movies": vars(self.movies)}
        tables |= {f"facts.{name}": vars(relation) for name, relation in self.movies.relations.items()}
        for vectors in self.all_vectors:
            tables[f"vectors.{vectors.method}"] = {"movies": vectors.movies, **vectors.entities}
        arrays = {
            f"{table}.{name}": values.astype(str) if values.dtype == object else values
            for table, columns in tables.items()
            for name, values in columns.items()
            if isinstance(values, np.ndarray)
        }
        arrays["user_ids"] = self.user_ids.astype(str)
        arrays["methods"] = np.array(self.methods(), str)
        arrays["read"] = np.array(self.vectors is not None)
        np.savez(path, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Dataset":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        methods, read, user_ids = (arrays.pop(name) for name in ("methods", "read", "user_ids"))
        tables: dict[str, dict[str, Any]] = defaultdict(dict)
        for name, values in arrays.items():
            table, _, column = name.rpartition(".")
            tables[table][column] = values.astype(object) if values.dtype.kind == "U" else values
        relations = {
            name: Relation(**tables[key]) for name in RELATIONS if (key := f"facts.{name}") in tables
        }
        vectors = [
            Vectors(str(method), table.pop("movies"), table)
            for method in methods
            if (table := tables[f"vectors.{method}"])
        ]
        movies, ratings = Movies(**tables["movies"], relations=relations), Ratings(**tables["ratings"])
        first = vectors.pop(0) if read else None
        return cls(user_ids.astype(object), movies, ratings, first, tuple(vectors))
