"""The command `embed compare`: all methods on the same graph, by held-out links, neighbours, time and memory."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings import gds_methods, kge, tsne
from kgrec_gds.embeddings.embedding_settings import EmbedSettings, GdsSettings, KgeSettings, settings_for
from kgrec_gds.embeddings.graph_triples import GraphTriples
from kgrec_gds.embeddings.link_ranking import LinkPrediction, LinkScorer, evaluate
from kgrec_gds.embeddings.methods import METHODS
from kgrec_gds.embeddings.neighbours import SharedAttributes, share_by_chance, share_of_neighbours
from kgrec_gds.embeddings.node_vectors import NodeVectors
from kgrec_gds.embeddings.projection import Projection, projected_for
from kgrec_gds.errors import EmbeddingError
from kgrec_gds.progress import Timer, say

#: Held-out triples that are ranked, at most.
_RANKED = 2_000


@dataclass(frozen=True)
class ComparedMethod:
    """One method's row of the comparison."""

    method: str
    trainer: str
    scored_by: str
    """How links are scored: `own score`, or `inner product` for methods without vectors of relationship types."""
    links: LinkPrediction
    neighbours: SharedAttributes
    seconds: float
    """Time to compute the vectors and fetch them."""
    bytes_min: int
    """Memory that the database estimated, at least; 0 if TensorFlow trained."""


@dataclass(frozen=True)
class Comparison:
    """The methods side by side, and the same measures by chance."""

    methods: list[ComparedMethod]
    chance: SharedAttributes
    """Shares of random pairs of movies."""
    chance_mrr: float
    """MRR of a random order of all nodes."""
    triples: int
    held_out: int
    ranked: int
    picture: Path | None
    seconds: dict[str, float]
    """Duration by stage."""


def embed_compare(
    connection: Connection,
    methods: Sequence[str] = (),
    *,
    dimension: int = 64,
    seed: int = 42,
    held_out: float = 0.05,
    picture: Path | None = None,
) -> Comparison:
    """Train every method without the held-out triples and measure it; nothing is written to the graph.

    Args:
        connection: the database.
        methods: names in `METHODS`; default: all.
        dimension: length of the vectors.
        seed: seed of the held-out triples and of every method.
        held_out: share of the triples that no method is trained on.
        picture: file for a picture of the movies in two dimensions; None: no picture.

    Raises:
        EmbeddingError: too few triples, invalid settings, or a method was refused.
    """
    chosen = [settings_for(name, dimension=dimension, seed=seed) for name in methods or METHODS]
    timer = Timer()
    with timer.stage("read"):
        graph = GraphTriples.read(connection)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(graph.triples))
    held = order[: int(len(order) * held_out)]
    if not len(held):
        raise EmbeddingError(
            f"Cannot hold out {held_out:.0%} of {len(order)} triples: that is none. "
            "Import a graph first, or choose a larger --held-out."
        )
    attributes = graph.attributes()
    rows, maps = [], {}
    for settings in chosen:
        with timer.stage(settings.method):
            start = time.perf_counter()
            vectors = _vectors(connection, settings, graph.element_ids[held].tolist())
            seconds = time.perf_counter() - start
            scorer = _scorer(connection, settings, graph, vectors)
            ranked = graph.triples[held[:_RANKED]]
            say(f"{settings.method}: ranking {len(ranked)} held-out triples ...")
            links = evaluate(scorer, ranked, graph.triples, graph.relations)
            of_movies = scorer.nodes[graph.movies]
            present = ~np.isnan(of_movies[:, 0])
            shares = share_of_neighbours(
                of_movies[present],
                {name: matrix[present] for name, matrix in attributes.items()},
                np.random.default_rng(seed),
            )
        scored_by = "inner product" if scorer.scoring == "inner" else "own score"
        rows.append(
            ComparedMethod(
                settings.method, vectors.trainer, scored_by, links, shares, seconds, vectors.bytes_min
            )
        )
        maps[settings.method] = (of_movies, present)
    if picture is not None:
        with timer.stage("picture"):
            say("Drawing the movies in two dimensions ...")
            genres = graph.first_genres()
            tsne.draw({name: (of[has], genres[has]) for name, (of, has) in maps.items()}, picture, seed)
    return Comparison(
        methods=rows,
        chance=share_by_chance(len(graph.movies), attributes, rng),
        chance_mrr=float((1 / np.arange(1, len(graph.keys) + 1)).mean()),
        triples=len(order),
        held_out=len(held),
        ranked=min(len(held), _RANKED),
        picture=picture,
        seconds=timer.seconds,
    )


def _vectors(connection: Connection, settings: EmbedSettings, held_out: list[str]) -> NodeVectors:
    with projected_for(connection, settings, held_out=held_out) as projection:
        return _stream(connection, projection, settings)


def _stream(connection: Connection, projection: Projection, settings: EmbedSettings) -> NodeVectors:
    if isinstance(settings, KgeSettings):
        return kge.stream(connection, projection, settings)
    assert isinstance(settings, GdsSettings)
    return gds_methods.stream(connection, projection, settings)


def _scorer(
    connection: Connection, settings: EmbedSettings, graph: GraphTriples, vectors: NodeVectors
) -> LinkScorer:
    """The vectors in the rows of the graph; NaN where a node or a type has none."""
    keys = connection.one("embeddings/node_keys", ids=vectors.ids.tolist())["keys"]
    found = vectors.vectors.copy()
    found[~found.any(axis=1)] = np.nan  # all relationships of the node are held out
    nodes = np.full((len(graph.keys), settings.dimension), np.nan, np.float32)
    nodes[np.searchsorted(graph.keys, np.array(keys, str))] = found
    relations: NDArray[np.float32] = np.full((len(graph.relations), settings.dimension), np.nan, np.float32)
    for name, vector in vectors.relations.items():
        relations[graph.relations.index(name)] = vector
    if not isinstance(settings, KgeSettings):
        return LinkScorer(nodes, relations, "inner")
    if settings.norm is None:
        return LinkScorer(nodes, relations, "distmult")
    return LinkScorer(nodes, relations, "transe", settings.norm)
