"""`embed` with FastRP and node2vec on a real server."""

import json
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings import gds_methods
from kgrec_gds.embeddings.embedding_settings import settings_for
from kgrec_gds.embeddings.methods import METHODS, VECTOR_PROPERTIES
from kgrec_gds.embeddings.projection import projected, training_cutoff
from kgrec_gds.errors import EmbeddingError
from kgrec_gds.workflows.embed import embed

QUICK_NODE2VEC = {"dimension": 16, "iterations": 1, "walks_per_node": 5, "walk_length": 10}


@pytest.mark.parametrize(
    ("method", "settings"), [("fastrp", {"dimension": 16}), ("node2vec", QUICK_NODE2VEC)]
)
def test_only_nodes_with_relationships_get_vectors(
    connection: Connection, small_graph: ModuleType, method: str, settings: dict[str, Any]
) -> None:
    result = embed(connection, method, **settings)
    vectors = small_graph.vectors(connection, VECTOR_PROPERTIES[method])
    data = small_graph.rows()
    expected = {row["tconst"] for row in data["genres"]} | {row["name"] for row in data["genres"]}
    expected |= {row["nconst"] for row in data["relationships"]}
    assert vectors.keys() == expected
    array = np.array(list(vectors.values()))
    assert array.shape == (len(expected), 16)
    assert np.isfinite(array).all()
    assert np.abs(array).sum(axis=1).min() > 0
    assert result.movies_without_relationships == len(small_graph.BARE)
    assert result.node_properties_written == result.node_count == len(expected)
    assert result.bytes_min > 0


def test_movies_of_a_group_have_similar_vectors(connection: Connection, small_graph: ModuleType) -> None:
    embed(connection, "fastrp", dimension=32)
    vectors = small_graph.vectors(connection, "fastRP")
    rows = small_graph.rows()["genres"]
    array = np.array([vectors[row["tconst"]] for row in rows])
    array /= np.linalg.norm(array, axis=1, keepdims=True)
    similar = array @ array.T
    genre = np.array([row["name"] for row in rows])
    same = (genre[:, None] == genre) & ~np.eye(len(rows), dtype=bool)
    assert similar[same].mean() > similar[genre[:, None] != genre].mean() + 0.3


def test_a_second_run_overwrites_vectors_and_removes_stale_ones(
    connection: Connection, small_graph: ModuleType
) -> None:
    embed(connection, "fastrp", dimension=16)
    first = small_graph.vectors(connection, "fastRP")
    connection.driver.execute_query(
        "MATCH (m:Movie {tconst: $tconst}) SET m.fastRP = [1.0]", tconst=small_graph.BARE[0]
    )
    again = embed(connection, "fastrp", dimension=16)
    assert again.stale_vectors_removed == 1
    second = small_graph.vectors(connection, "fastRP")
    assert first.keys() == second.keys()
    assert all(np.allclose(first[key], second[key], atol=1e-6) for key in first)


def test_the_run_is_recorded(connection: Connection) -> None:
    result = embed(connection, "fastrp", dimension=8, seed=7)
    found = connection.driver.execute_query("MATCH (r:EmbeddingRun {id: $id}) RETURN r", id=result.run_id)
    (record,) = found.records
    run = record["r"]
    assert (run["method"], run["seed"]) == ("fastrp", 7)
    assert json.loads(run["parameters"])["dimension"] == 8
    assert json.loads(run["versions"])["gds"]
    assert run["created"] is not None


def test_only_ratings_before_the_cutoff_take_part(connection: Connection, small_graph: ModuleType) -> None:
    result = embed(connection, "fastrp", dimension=16, with_ratings=True)
    times = sorted(row["ratedAt"] for row in small_graph.rows()["ratings"])
    assert result.cutoff == times[len(times) * 64 // 100]
    before = [row for row in small_graph.rows()["ratings"] if row["ratedAt"] < result.cutoff]
    assert result.relationship_count == 2 * (360 + len(before))
    assert {row["userId"] for row in before} <= small_graph.vectors(connection, "fastRP").keys()
    # Ratings from the cut-off on do not change the vectors.
    vectors = small_graph.vectors(connection, "fastRP")
    connection.driver.execute_query(
        "MATCH ()-[r:RATED]->() WHERE r.ratedAt >= $cutoff SET r.rating = 11 - r.rating", cutoff=result.cutoff
    )
    embed(connection, "fastrp", dimension=16, with_ratings=True)
    changed = small_graph.vectors(connection, "fastRP")
    assert all(np.allclose(vectors[key], changed[key], atol=1e-6) for key in vectors)
    # Without ratings the users' vectors are stale.
    assert embed(connection, "fastrp", dimension=16).stale_vectors_removed == 10


def test_ratings_weight_the_relationships(connection: Connection, small_graph: ModuleType) -> None:
    settings = {"dimension": 16, "with_ratings": True}
    cutoff = training_cutoff(connection)
    embed(connection, "fastrp", **settings)
    before = small_graph.vectors(connection, "fastRP")
    connection.driver.execute_query(
        "MATCH ()-[r:RATED]->() WHERE r.ratedAt < $cutoff SET r.rating = 11 - r.rating", cutoff=cutoff
    )
    embed(connection, "fastrp", **settings)
    after = small_graph.vectors(connection, "fastRP")
    assert not np.allclose(before["1"], after["1"], atol=1e-3)


def test_stable_fastrp_repeats_after_a_new_import(connection: Connection, small_graph: ModuleType) -> None:
    settings = {"dimension": 32, "stable": True}
    embed(connection, "fastrp", **settings)
    first = small_graph.vectors(connection, "fastRP")
    data = small_graph.rows()
    small_graph.load(connection, movies=data["movies"][::-1], relationships=data["relationships"][::-1])
    embed(connection, "fastrp", **settings)
    second = small_graph.vectors(connection, "fastRP")
    assert first.keys() == second.keys()
    assert all(np.allclose(first[key], second[key], atol=1e-4) for key in first)
    # Without `stable` the vectors depend on node ids, which a new import assigns anew.
    embed(connection, "fastrp", dimension=32)
    ordinary = small_graph.vectors(connection, "fastRP")
    small_graph.load(connection)
    embed(connection, "fastrp", dimension=32)
    anew = small_graph.vectors(connection, "fastRP")
    assert not all(np.allclose(ordinary[key], anew[key], atol=1e-2) for key in anew)


def test_node2vec_repeats_with_one_thread(connection: Connection, small_graph: ModuleType) -> None:
    settings = QUICK_NODE2VEC | {"concurrency": 1}
    embed(connection, "node2vec", **settings)
    first = small_graph.vectors(connection, "node2vec")
    embed(connection, "node2vec", **settings)
    second = small_graph.vectors(connection, "node2vec")
    assert all(np.allclose(first[key], second[key], atol=1e-6) for key in first)


def test_projections_are_dropped_even_after_a_failure(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed(connection, "fastrp", dimension=8)
    assert connection.gds.graph.list() == []
    # GDS refuses more threads than Community runs, after the graph is projected.
    with pytest.raises(EmbeddingError, match="concurrency"):
        embed(connection, "fastrp", concurrency=99)
    assert connection.gds.graph.list() == []

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gds_methods, "write", interrupt)
    with pytest.raises(KeyboardInterrupt):
        embed(connection, "fastrp")
    assert connection.gds.graph.list() == []


def test_a_method_that_needs_too_much_memory_is_refused(connection: Connection) -> None:
    with projected(connection, undirected=True) as projection, pytest.raises(EmbeddingError, match="heap"):
        gds_methods.write(connection, projection, settings_for("fastrp", dimension=100_000_000))


def test_parallel_projections_do_not_clash(connection: Connection) -> None:
    with projected(connection, undirected=True) as one, projected(connection, undirected=False) as other:
        assert one.name != other.name
        assert one.relationship_count == 2 * other.relationship_count


def test_held_out_relationships_are_not_projected(connection: Connection) -> None:
    found = connection.driver.execute_query("MATCH ()-[f:DIRECTED]->() RETURN collect(elementId(f)) AS ids")
    with projected(connection, undirected=False, held_out=found.records[0]["ids"]) as projection:
        assert "DIRECTED" not in projection.graph.relationship_types()


def test_an_empty_graph_is_refused(connection: Connection, small_graph: ModuleType) -> None:
    connection.driver.execute_query(small_graph.CLEAR)
    try:
        with pytest.raises(EmbeddingError, match="relationships to embed"):
            embed(connection, "fastrp")
    finally:
        small_graph.load(connection)


@pytest.mark.parametrize(
    ("method", "settings"), [(method, {}) for method in METHODS] + [("transe", {"trainer": "tensorflow"})]
)
def test_one_relationship_is_enough(
    connection: Connection, small_graph: ModuleType, method: str, settings: dict[str, Any]
) -> None:
    connection.driver.execute_query(small_graph.CLEAR)
    connection.driver.execute_query("CREATE (:Movie {tconst: 'tt1'})-[:HAS_GENRE]->(:Genre {name: 'Noir'})")
    try:
        result = embed(connection, method, **settings)
        vectors = small_graph.vectors(connection, VECTOR_PROPERTIES[method])
        assert result.node_properties_written == len(vectors) == 2
        assert all(np.isfinite(vector).all() for vector in vectors.values())
    finally:
        small_graph.load(connection)


def test_with_ratings_needs_ratings(connection: Connection, small_graph: ModuleType) -> None:
    small_graph.load(connection, ratings=[])
    try:
        with pytest.raises(EmbeddingError, match="--with-ratings"):
            embed(connection, "fastrp", with_ratings=True)
    finally:
        small_graph.load(connection)
