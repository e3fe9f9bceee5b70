"""FastRP and node2vec on a real server."""

import json
from types import ModuleType

import numpy as np
import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings import gds_methods
from kgrec_gds.embeddings.embedding_settings import (
    EmbedSettings,
    FastRPSettings,
    Node2VecSettings,
    TransESettings,
    settings_for,
)
from kgrec_gds.embeddings.projection import projected, training_cutoff
from kgrec_gds.errors import EmbeddingError
from kgrec_gds.schema import VECTOR_PROPERTIES
from kgrec_gds.workflows.embed import embed

QUICK_NODE2VEC = Node2VecSettings(embedding_size=16, iterations=1, walks_per_node=5, walk_length=10)


@pytest.mark.parametrize(
    "settings", [FastRPSettings(embedding_size=16), QUICK_NODE2VEC], ids=["fastrp", "node2vec"]
)
def test_every_node_with_a_fact_has_a_vector_and_no_other(
    graph: Connection, small_graph: ModuleType, settings: EmbedSettings
) -> None:
    result = embed(graph, settings)
    vectors = small_graph.vectors(graph, settings.vector_property)
    data = small_graph.rows()
    expected = {row["tconst"] for row in data["genres"]} | {row["name"] for row in data["genres"]}
    expected |= {row["nconst"] for row in data["facts"]}
    assert vectors.keys() == expected
    array = np.array(list(vectors.values()))
    assert array.shape == (len(expected), 16)
    assert np.isfinite(array).all()
    assert np.abs(array).sum(axis=1).min() > 0
    assert result.movies_without_fact == len(small_graph.BARE)
    assert result.node_properties_written == result.node_count == len(expected)
    assert result.bytes_min > 0


def test_movies_of_a_group_lie_together(graph: Connection, small_graph: ModuleType) -> None:
    embed(graph, FastRPSettings(embedding_size=32))
    vectors = small_graph.vectors(graph, "fastRP")
    rows = small_graph.rows()["genres"]
    array = np.array([vectors[row["tconst"]] for row in rows])
    array /= np.linalg.norm(array, axis=1, keepdims=True)
    similar = array @ array.T
    genre = np.array([row["name"] for row in rows])
    same = (genre[:, None] == genre) & ~np.eye(len(rows), dtype=bool)
    assert similar[same].mean() > similar[genre[:, None] != genre].mean() + 0.3


def test_a_second_run_overwrites_and_takes_away_what_is_stale(
    graph: Connection, small_graph: ModuleType
) -> None:
    settings = FastRPSettings(embedding_size=16)
    embed(graph, settings)
    first = small_graph.vectors(graph, "fastRP")
    graph.driver.execute_query(
        "MATCH (m:Movie {tconst: $tconst}) SET m.fastRP = [1.0]", tconst=small_graph.BARE[0]
    )
    again = embed(graph, settings)
    assert again.stale_vectors_removed == 1
    second = small_graph.vectors(graph, "fastRP")
    assert first.keys() == second.keys()
    assert all(np.allclose(first[key], second[key], atol=1e-6) for key in first)


def test_the_run_is_recorded(graph: Connection) -> None:
    result = embed(graph, FastRPSettings(embedding_size=8, seed=7))
    found = graph.driver.execute_query("MATCH (r:EmbeddingRun {id: $id}) RETURN r", id=result.run_id)
    (record,) = found.records
    run = record["r"]
    assert (run["method"], run["seed"]) == ("fastrp", 7)
    assert json.loads(run["parameters"])["embedding_size"] == 8
    assert json.loads(run["versions"])["gds"]
    assert run["created"] is not None


def test_ratings_up_to_the_cutoff_only(graph: Connection, small_graph: ModuleType) -> None:
    result = embed(graph, FastRPSettings(embedding_size=16, with_ratings=True))
    times = sorted(row["ratedAt"] for row in small_graph.rows()["ratings"])
    assert result.cutoff == times[len(times) * 64 // 100]
    before = [row for row in small_graph.rows()["ratings"] if row["ratedAt"] < result.cutoff]
    assert result.relationship_count == 2 * (360 + len(before))
    assert {row["userId"] for row in before} <= small_graph.vectors(graph, "fastRP").keys()
    # Ratings from the cut-off on change nothing.
    vectors = small_graph.vectors(graph, "fastRP")
    graph.driver.execute_query(
        "MATCH ()-[r:RATED]->() WHERE r.ratedAt >= $cutoff SET r.rating = 11 - r.rating", cutoff=result.cutoff
    )
    embed(graph, FastRPSettings(embedding_size=16, with_ratings=True))
    changed = small_graph.vectors(graph, "fastRP")
    assert all(np.allclose(vectors[key], changed[key], atol=1e-6) for key in vectors)
    # Without ratings the users' vectors are stale.
    assert embed(graph, FastRPSettings(embedding_size=16)).stale_vectors_removed == 10


def test_the_weight_of_ratings_counts(graph: Connection, small_graph: ModuleType) -> None:
    settings = FastRPSettings(embedding_size=16, with_ratings=True)
    cutoff = training_cutoff(graph)
    embed(graph, settings)
    before = small_graph.vectors(graph, "fastRP")
    graph.driver.execute_query(
        "MATCH ()-[r:RATED]->() WHERE r.ratedAt < $cutoff SET r.rating = 11 - r.rating", cutoff=cutoff
    )
    embed(graph, settings)
    after = small_graph.vectors(graph, "fastRP")
    assert not np.allclose(before["1"], after["1"], atol=1e-3)


def test_stable_fastrp_survives_a_reimport(graph: Connection, small_graph: ModuleType) -> None:
    settings = FastRPSettings(embedding_size=32, stable=True)
    embed(graph, settings)
    first = small_graph.vectors(graph, "fastRP")
    data = small_graph.rows()
    small_graph.load(graph, movies=data["movies"][::-1], facts=data["facts"][::-1])
    embed(graph, settings)
    second = small_graph.vectors(graph, "fastRP")
    assert first.keys() == second.keys()
    assert all(np.allclose(first[key], second[key], atol=1e-4) for key in first)
    # The ordinary setting depends on node ids, which a re-import deals out anew.
    embed(graph, FastRPSettings(embedding_size=32))
    ordinary = small_graph.vectors(graph, "fastRP")
    small_graph.load(graph)
    embed(graph, FastRPSettings(embedding_size=32))
    anew = small_graph.vectors(graph, "fastRP")
    assert not all(np.allclose(ordinary[key], anew[key], atol=1e-2) for key in anew)


def test_node2vec_with_one_thread_repeats_itself(graph: Connection, small_graph: ModuleType) -> None:
    settings = Node2VecSettings(
        embedding_size=16, iterations=1, walks_per_node=5, walk_length=10, concurrency=1
    )
    embed(graph, settings)
    first = small_graph.vectors(graph, "node2vec")
    embed(graph, settings)
    second = small_graph.vectors(graph, "node2vec")
    assert all(np.allclose(first[key], second[key], atol=1e-6) for key in first)


def test_no_projection_stays_behind(graph: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    embed(graph, FastRPSettings(embedding_size=8))
    assert graph.gds.graph.list() == []
    # Refused by GDS in the middle: more threads than Community runs.
    with pytest.raises(EmbeddingError, match="concurrency"):
        embed(graph, FastRPSettings(concurrency=99))
    assert graph.gds.graph.list() == []

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gds_methods, "write", fail)
    with pytest.raises(KeyboardInterrupt):
        embed(graph, FastRPSettings())
    assert graph.gds.graph.list() == []


def test_what_does_not_fit_is_refused_before_it_is_computed(graph: Connection) -> None:
    with projected(graph, undirected=True) as projection, pytest.raises(EmbeddingError, match="heap"):
        gds_methods.write(graph, projection, FastRPSettings(embedding_size=100_000_000))


def test_parallel_projections_do_not_clash(graph: Connection) -> None:
    with projected(graph, undirected=True) as one, projected(graph, undirected=False) as other:
        assert one.name != other.name
        assert one.relationship_count == 2 * other.relationship_count


def test_held_out_facts_are_not_projected(graph: Connection) -> None:
    found = graph.driver.execute_query("MATCH ()-[f:DIRECTED]->() RETURN collect(elementId(f)) AS ids")
    with projected(graph, undirected=False, held_out=found.records[0]["ids"]) as projection:
        assert "DIRECTED" not in projection.graph.relationship_types()


def test_an_empty_graph_is_refused(graph: Connection, small_graph: ModuleType) -> None:
    graph.driver.execute_query(small_graph.CLEAR)
    try:
        with pytest.raises(EmbeddingError, match="facts to embed"):
            embed(graph, FastRPSettings())
    finally:
        small_graph.load(graph)


@pytest.mark.parametrize(
    "settings",
    [settings_for(method) for method in VECTOR_PROPERTIES] + [TransESettings(trainer="tensorflow")],
    ids=[*VECTOR_PROPERTIES, "transe-tensorflow"],
)
def test_one_fact_is_enough(graph: Connection, small_graph: ModuleType, settings: EmbedSettings) -> None:
    graph.driver.execute_query(small_graph.CLEAR)
    graph.driver.execute_query("CREATE (:Movie {tconst: 'tt1'})-[:HAS_GENRE]->(:Genre {name: 'Noir'})")
    try:
        result = embed(graph, settings)
        vectors = small_graph.vectors(graph, settings.vector_property)
        assert result.node_properties_written == len(vectors) == 2
        assert all(np.isfinite(vector).all() for vector in vectors.values())
    finally:
        small_graph.load(graph)


def test_a_cutoff_needs_ratings(graph: Connection, small_graph: ModuleType) -> None:
    small_graph.load(graph, ratings=[])
    try:
        with pytest.raises(EmbeddingError, match="--with-ratings"):
            embed(graph, FastRPSettings(with_ratings=True))
    finally:
        small_graph.load(graph)
