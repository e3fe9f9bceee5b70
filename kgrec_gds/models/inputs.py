"""What the models read of a data set: biases, features, histories, and the catalogue with its vectors."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset, Facts, Vectors
from kgrec_gds.data.sequences import Histories
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.table import GRAPH_PREFIX, FeatureIndex, FeatureSettings

#: Slots of a movie's vectors: its own, and the means over its directors, its lead actors and its genres.
SLOTS = ("movie", "directors", "actors", "genres")
LEAD_ACTORS = 3
#: Feature columns that need vectors begin with this.
VECTOR_PREFIX = "graph_near"


@dataclass(frozen=True)
class MovieTable:
    """The catalogue's constants, by movie_index."""

    id_rows: NDArray[np.int32]
    """(movies,) row of the id embedding, 0 for a movie without one."""
    slots: NDArray[np.float32]
    """(movies, slots, vector size)."""
    present: NDArray[np.float32]
    """(movies, slots), 1 where the slot exists."""


def known_movies(dataset: Dataset, events: NDArray[np.integer], least: int) -> NDArray[np.object_]:
    """Movies (tconst) with at least `least` ratings among the events that parameters are fitted on."""
    counts = np.bincount(dataset.ratings.movie_index[events], minlength=len(dataset.movies))
    return dataset.movies.tconst[counts >= least]


def movie_table(dataset: Dataset, known: NDArray[np.object_], *, use_vectors: bool) -> MovieTable:
    """Constants of a catalogue, which may hold movies that training never saw.

    Args:
        dataset: movies, facts and vectors.
        known: tconst of the movies with an embedding of their own, in the order of its rows from 1.
        use_vectors: without, the slots are empty.
    """
    row_of = {tconst: row for row, tconst in enumerate(known, start=1)}
    id_rows = np.array([row_of.get(tconst, 0) for tconst in dataset.movies.tconst], np.int32)
    if not use_vectors or dataset.vectors is None:
        return MovieTable(
            id_rows,
            np.zeros((len(id_rows), len(SLOTS), 1), np.float32),
            np.zeros((len(id_rows), len(SLOTS)), np.float32),
        )
    slots = np.stack([_slot(dataset, dataset.vectors, name) for name in SLOTS], axis=1)
    norm = np.linalg.norm(slots, axis=-1, keepdims=True)
    # Directions only: methods differ in the length of their vectors, and the length says how often a node is linked.
    slots = slots / np.maximum(norm, 1e-12) * np.sqrt(slots.shape[-1])
    present = norm[..., 0] > 0
    return MovieTable(id_rows, (slots * present[..., None]).astype(np.float32), present.astype(np.float32))


def _slot(dataset: Dataset, vectors: Vectors, name: str) -> NDArray[np.float32]:
    if name == "movie":
        return vectors.movies
    if name not in vectors.entities or name not in dataset.movies.facts:
        return np.zeros_like(vectors.movies)
    limit = LEAD_ACTORS if name == "actors" else None
    return mean_of_entities(dataset.movies.facts[name], vectors.entities[name], limit)


def mean_of_entities(facts: Facts, rows: NDArray[np.float32], limit: int | None) -> NDArray[np.float32]:
    """Mean vector of each movie's entities, of the first `limit` where given; zeros where it has none.

    Args:
        facts: one relation.
        rows: (entities, size).
        limit: entities that count, in the order of the facts.
    """
    count = np.diff(facts.indptr)
    movie = np.repeat(np.arange(len(count)), count)
    if limit is not None:
        kept = np.arange(len(movie)) - facts.indptr[movie] < limit
        movie, entity = movie[kept], facts.indices[kept]
    else:
        entity = facts.indices
    total = np.zeros((len(count), rows.shape[1]), np.float32)
    np.add.at(total, movie, rows[entity])
    with_vector = np.bincount(movie, (np.abs(rows[entity]).max(axis=1, initial=0) > 0), len(count))
    mean: NDArray[np.float32] = (total / np.maximum(with_vector, 1)[:, None]).astype(np.float32)
    return mean


@dataclass(frozen=True)
class Inputs:
    """A log as the network reads it; arrays by event row, or by query where other queries were asked."""

    queries: Queries
    bias: NDArray[np.float32]
    """Causal bias of each query: the predicted rating is this plus what the network says."""
    features: NDArray[np.float32]
    """(queries, features)."""
    feature_names: tuple[str, ...]
    histories: Histories
    index: FeatureIndex
    """Answers further queries on the same log."""

    def only(self, names: tuple[str, ...]) -> "Inputs":
        """The same with the named feature columns, in that order.

        Raises:
            ModelRunError: a column that this data set does not give.
        """
        return replace(
            self, features=pick_columns(self.features, self.feature_names, names), feature_names=names
        )


def read_inputs(dataset: Dataset) -> Inputs:
    """Every event of the log as a query at its own time, and the histories they see.

    The last data set's inputs are kept: several models and seeds on one data set compute them once.
    """
    if _latest and _latest[0][0] is dataset:
        return _latest[0][1]
    index = FeatureIndex(dataset, FeatureSettings())
    table = index.events
    inputs = Inputs(
        queries=Queries.of(dataset.ratings),
        bias=index.log.biases.total.astype(np.float32),
        features=table.values,
        feature_names=table.names,
        histories=Histories.of(index.log),
        index=index,
    )
    _latest[:] = [(dataset, inputs)]
    return inputs


def read_history(dataset: Dataset) -> Inputs:
    """A log to ask about later: its histories and feature index, and none of its events as queries."""
    index = FeatureIndex(dataset, FeatureSettings())
    nobody = np.zeros(0, np.int32)
    queries = Queries(nobody, nobody, np.zeros(0, np.int64))
    names = index.table(Queries(np.zeros(1, np.int32), np.zeros(1, np.int32), np.zeros(1, np.int64))).names
    return Inputs(
        queries=queries,
        bias=np.zeros(0, np.float32),
        features=np.zeros((0, len(names)), np.float32),
        feature_names=names,
        histories=Histories.of(index.log),
        index=index,
    )


def read_queries(dataset: Dataset, queries: Queries) -> Inputs:
    """Inputs for queries that are no events: any user, movie and moment."""
    log = read_inputs(dataset)
    table = log.index.table(queries)
    bias = table.values[:, table.names.index("bias")]
    return replace(log, queries=queries, bias=bias, features=table.values, feature_names=table.names)


_latest: list[tuple[Dataset, Inputs]] = []


def pick_columns(
    values: NDArray[np.float32], have: tuple[str, ...], wanted: tuple[str, ...]
) -> NDArray[np.float32]:
    """Columns by name, in the order wanted.

    Raises:
        ModelRunError: a column is missing.
    """
    if have == wanted:
        return values
    column_of = {name: number for number, name in enumerate(have)}
    if missing := [name for name in wanted if name not in column_of]:
        raise ModelRunError(
            f"The model reads the features {missing[:5]}, which the graph as it is does not give; train again."
        )
    return values[:, [column_of[name] for name in wanted]]


def chosen_columns(names: tuple[str, ...], *, graph: bool, vectors: bool) -> NDArray[np.int64]:
    """Columns of a feature table that a model reads.

    Args:
        names: the table's columns.
        graph: with the columns that need the knowledge graph.
        vectors: with those of them that need its vectors.
    """
    kept = [
        number
        for number, name in enumerate(names)
        if (graph or not name.startswith(GRAPH_PREFIX)) and (vectors or not name.startswith(VECTOR_PREFIX))
    ]
    return np.array(kept, np.int64)
