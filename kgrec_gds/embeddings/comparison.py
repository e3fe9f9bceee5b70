"""All methods on the user's own graph, side by side: held-out links, neighbours, time and memory."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kgrec_gds import schema
from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings import gds_methods, kge
from kgrec_gds.embeddings import job_progress as progress
from kgrec_gds.embeddings import tsne as picture
from kgrec_gds.embeddings.embedding_settings import EmbedSettings, KgeSettings, TransESettings, settings_for
from kgrec_gds.embeddings.link_ranking import LinkPrediction, Vectors, evaluate
from kgrec_gds.embeddings.neighbours import Shared, share_by_chance, share_of_neighbours
from kgrec_gds.embeddings.projection import Projection, projected_for, refusals
from kgrec_gds.errors import EmbeddingError

_LEADING = 3


@dataclass(frozen=True)
class CompareSettings:
    """What is compared, and on what."""

    methods: tuple[str, ...] = tuple(schema.VECTOR_PROPERTIES)
    held_out_share: float = 0.05
    """Share of the facts that no method sees."""
    test_triples: int = 2_000
    """Held-out facts that are ranked, at most."""
    seed: int = 42
    values: dict[str, Any] = field(default_factory=dict)
    """Settings that every method takes, such as `embedding_size`."""


@dataclass(frozen=True)
class Compared:
    """One method's line of the table."""

    method: str
    trainer: str
    scored_by: str
    """How links were scored: the method's own score, or the inner product where it has none."""
    links: LinkPrediction
    neighbours: Shared
    seconds: float
    """Of computing the vectors and fetching them."""
    bytes_min: int
    """Memory the database estimated, at least; 0 where it was not the database that trained."""


@dataclass(frozen=True)
class Comparison:
    """The table, and what it is to be read against."""

    methods: list[Compared]
    chance: Shared
    """Shares of random pairs of movies."""
    chance_mrr: float
    """MRR of a random order of all nodes."""
    facts: int
    held_out: int
    ranked: int
    picture: Path | None


@dataclass(frozen=True)
class _Facts:
    keys: NDArray[np.str_]
    relations: list[str]
    triples: NDArray[np.int64]
    ids: NDArray[np.object_]
    orderings: NDArray[np.int64]


def compare(graph: Connection, settings: CompareSettings, picture_file: Path | None = None) -> Comparison:
    """Train every method without the held-out facts and judge it; nothing is written to the graph.

    Raises:
        EmbeddingError: too few facts, or a method was refused.
    """
    facts = _facts(graph)
    rng = np.random.default_rng(settings.seed)
    order = rng.permutation(len(facts.triples))
    held_out = order[: int(len(order) * settings.held_out_share)]
    if not len(held_out):
        raise EmbeddingError(
            f"To compare methods there should be facts to hold out, but {settings.held_out_share:.0%} of "
            f"{len(order)} facts is none. Import a graph first."
        )
    test = facts.triples[held_out[: settings.test_triples]]
    memberships, movies = _memberships(facts)
    lines, maps = [], {}
    for method in settings.methods:
        chosen = settings_for(method, seed=settings.seed, **settings.values)
        trained = _train(graph, chosen, facts, facts.ids[held_out].tolist())
        vectors = trained.vectors.nodes[movies]
        present = ~np.isnan(vectors[:, 0])
        kept = {name: matrix[present] for name, matrix in memberships.items()}
        shared = share_of_neighbours(vectors[present], kept, np.random.default_rng(settings.seed))
        links = evaluate(trained.vectors, test, facts.triples, facts.relations)
        own = trained.vectors.scoring != "inner"
        scored_by = "own score" if own else "inner product"
        lines.append(
            Compared(method, trained.trainer, scored_by, links, shared, trained.seconds, trained.bytes_min)
        )
        maps[method] = (vectors, present)
    if picture_file is not None:
        genres = _first_genres(facts, movies)
        picture.draw({name: (v[p], genres[p]) for name, (v, p) in maps.items()}, picture_file, settings.seed)
    return Comparison(
        methods=lines,
        chance=share_by_chance(len(movies), memberships, rng),
        chance_mrr=float((1 / np.arange(1, len(facts.keys) + 1)).mean()),
        facts=len(order),
        held_out=len(held_out),
        ranked=len(test),
        picture=picture_file,
    )


@dataclass(frozen=True)
class _Trained:
    vectors: Vectors
    trainer: str
    seconds: float
    bytes_min: int


def _train(graph: Connection, settings: EmbedSettings, facts: _Facts, held_out: list[str]) -> _Trained:
    with projected_for(graph, settings, held_out=held_out) as projection:
        start = time.perf_counter()
        relations = np.full((len(facts.relations), settings.embedding_size), np.nan, np.float32)
        if isinstance(settings, KgeSettings):
            trainer: str = kge.choose_trainer(graph, settings)
            bytes_min = kge.estimate(graph, projection, settings) if trainer == "plugin" else 0
            ids, rows, by_type = kge.stream(graph, projection, settings)
            for name, vector in by_type.items():
                relations[facts.relations.index(name)] = vector
        else:
            trainer = "gds"
            bytes_min = gds_methods.estimate(graph, projection, settings)
            ids, rows = _stream(graph, projection, settings)
        seconds = time.perf_counter() - start
        keys = graph.one("embeddings/node_keys", ids=ids.tolist())["keys"]
    rows[~rows.any(axis=1)] = np.nan  # all its facts are held out
    nodes = np.full((len(facts.keys), settings.embedding_size), np.nan, np.float32)
    nodes[np.searchsorted(facts.keys, np.array(keys, str))] = rows
    if isinstance(settings, TransESettings):
        vectors = Vectors(nodes, relations, "transe", settings.norm)
    else:
        vectors = Vectors(nodes, relations, "distmult" if isinstance(settings, KgeSettings) else "inner")
    return _Trained(vectors, trainer, seconds, bytes_min)


def _stream(
    graph: Connection, projection: Projection, settings: EmbedSettings
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    with refusals(settings.method), progress.shown(graph, settings.method) as job:
        frame = gds_methods.endpoint(graph, settings).stream(
            projection.graph, job_id=job, **gds_methods.options(settings)
        )
    return frame["nodeId"].to_numpy(np.int64), np.array(frame["embedding"].tolist(), np.float32)


def _facts(graph: Connection) -> _Facts:
    columns = graph.one("embeddings/facts")
    heads, tails = np.array(columns["heads"], str), np.array(columns["tails"], str)
    keys = np.unique(np.concatenate([heads, tails]))
    relations, relation = np.unique(np.array(columns["types"], str), return_inverse=True)
    triples = np.stack([np.searchsorted(keys, heads), relation, np.searchsorted(keys, tails)], axis=1)
    ids = np.array(columns["ids"], object)
    return _Facts(keys, relations.tolist(), triples, ids, np.array(columns["orderings"], np.int64))


def _memberships(facts: _Facts) -> tuple[dict[str, sparse.csr_matrix], NDArray[np.int64]]:
    """Who belongs to which movie (all facts, held out or not), and the rows of the movies."""
    head, relation, tail = facts.triples.T
    types = np.array(facts.relations, object)[relation]
    of_genre = types == schema.HAS_GENRE
    movie, entity = np.where(of_genre, head, tail), np.where(of_genre, tail, head)
    movies = np.unique(movie)
    chosen = {
        "director": types == schema.DIRECTED,
        # Without a place in the billing everybody leads.
        "leading_actor": (types == schema.ACTED_IN) & (facts.orderings <= _LEADING),
        "genre": of_genre,
    }
    shape = (len(movies), len(facts.keys))
    return {
        name: sparse.csr_matrix(
            (np.ones(mask.sum()), (np.searchsorted(movies, movie[mask]), entity[mask])), shape=shape
        )
        for name, mask in chosen.items()
    }, movies


def _first_genres(facts: _Facts, movies: NDArray[np.int64]) -> NDArray[np.str_]:
    """First genre of each movie in the alphabet's order; empty where it has none."""
    genres = np.full(len(movies), "", object)
    rows = facts.triples[facts.triples[:, 1] == _row(facts.relations, schema.HAS_GENRE)]
    for head, _, tail in rows[::-1]:
        genres[np.searchsorted(movies, head)] = str(facts.keys[tail]).removeprefix("genre ")
    return genres.astype(str)


def _row(relations: list[str], name: str) -> int:
    return relations.index(name) if name in relations else -1
