"""All triples of the database's knowledge graph as arrays, and the attributes of movies that they describe."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kgrec_gds import schema
from kgrec_gds.database.connection import Connection

#: Actors up to this position in the billing are leading actors.
_LEADING = 3


@dataclass(frozen=True)
class GraphTriples:
    """Triples by row numbers, and the movies among their nodes."""

    keys: NDArray[np.str_]
    """Node keys by row, sorted: `tconst`, `nconst`, or `genre ` and the name."""
    relations: list[str]
    """Relationship types by row, in alphabetical order."""
    triples: NDArray[np.int64]
    """Shape (triples, 3): head, relation, tail."""
    element_ids: NDArray[np.object_]
    """Element id of each triple's relationship."""
    orderings: NDArray[np.int64]
    """Position of the person in the billing by triple; 0 where unknown."""
    movies: NDArray[np.int64]
    """Rows of the movies, sorted."""

    @classmethod
    def read(cls, connection: Connection) -> "GraphTriples":
        """Read all triples from the database."""
        columns = connection.one("embeddings/triples")
        heads, tails = np.array(columns["heads"], str), np.array(columns["tails"], str)
        keys = np.unique(np.concatenate([heads, tails]))
        relations, relation = np.unique(np.array(columns["types"], str), return_inverse=True)
        triples = np.stack([np.searchsorted(keys, heads), relation, np.searchsorted(keys, tails)], axis=1)
        of_genre = np.array(columns["types"], str) == schema.HAS_GENRE
        return cls(
            keys=keys,
            relations=relations.tolist(),
            triples=triples,
            element_ids=np.array(columns["ids"], object),
            orderings=np.array(columns["orderings"], np.int64),
            movies=np.unique(np.where(of_genre, triples[:, 0], triples[:, 2])),
        )

    def attributes(self) -> dict[str, sparse.csr_matrix]:
        """`director`, `leading_actor` and `genre` -> (movies, nodes), 1 where the movie has it."""
        head, relation, tail = self.triples.T
        types = np.array(self.relations, object)[relation]
        of_genre = types == schema.HAS_GENRE
        movie, entity = np.where(of_genre, head, tail), np.where(of_genre, tail, head)
        chosen = {
            "director": types == schema.DIRECTED,
            # Actors without a position all count as leading.
            "leading_actor": (types == schema.ACTED_IN) & (self.orderings <= _LEADING),
            "genre": of_genre,
        }
        shape = (len(self.movies), len(self.keys))
        return {
            name: sparse.csr_matrix(
                (np.ones(mask.sum()), (np.searchsorted(self.movies, movie[mask]), entity[mask])), shape=shape
            )
            for name, mask in chosen.items()
        }

    def first_genres(self) -> NDArray[np.str_]:
        """Alphabetically first genre of each movie; empty if it has none."""
        genres = np.full(len(self.movies), "", object)
        types = np.array(self.relations, object)[self.triples[:, 1]]
        rows = self.triples[types == schema.HAS_GENRE]
        for head, _, tail in rows[np.argsort(-rows[:, 2], kind="stable")]:  # the last assignment wins
            genres[np.searchsorted(self.movies, head)] = str(self.keys[tail]).removeprefix("genre ")
        return genres.astype(str)
