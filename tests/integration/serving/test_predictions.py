"""Predictions on a real server: what is written, written again, interrupted, and refused."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ModelRunError
from kgrec_gds.serving import write_predictions as write_module
from kgrec_gds.serving.predictions import Predictions, ScoreParts
from kgrec_gds.serving.write_predictions import write_predictions

USERS = [f"write-u{i}" for i in range(12)]
MOVIES = [f"tt-write-{i:02d}" for i in range(20)]
EDGES = (
    "MATCH (u:User)-[p:PREDICTED_RATING]->(m:Movie) WHERE u.userId STARTS WITH 'write-' "
    "RETURN u.userId AS user, m.tconst AS movie, properties(p) AS properties ORDER BY user, movie, p.modelId"
)


@pytest.fixture
def small_graph(graph: Connection) -> Iterator[Connection]:
    graph.driver.execute_query(
        "UNWIND $users AS u MERGE (:User {userId: u}) WITH count(*) AS c UNWIND $movies AS m MERGE (:Movie {tconst: m})",
        users=USERS,
        movies=MOVIES,
    )
    yield graph
    graph.driver.execute_query(
        "MATCH (n) WHERE n.userId STARTS WITH 'write-' OR n.tconst STARTS WITH 'tt-write-' DETACH DELETE n"
    )


def some_predictions(seed: int = 0, per_user: int = 5, users: list[str] = USERS) -> Predictions:
    generator = np.random.default_rng(seed)
    rows = [
        (user, movie) for user in users for movie in sorted(generator.choice(MOVIES, per_user, replace=False))
    ]
    movies = np.full((len(rows), 4), "", object)
    weights = np.zeros((len(rows), 4), np.float32)
    for row, count in enumerate(generator.integers(0, 4, len(rows))):
        movies[row, 4 - count :] = generator.choice(MOVIES, count, replace=False)
        weights[row, 4 - count :] = 1 / max(count, 1)
    rank = np.arange(len(rows), dtype=np.int32) % per_user
    parts = np.full(len(rows), None, object)
    for row in np.flatnonzero(rank).tolist():
        known = [str(movie) for movie in generator.choice(MOVIES, row % 4, replace=False)]
        numbers = generator.normal(size=len(known) + 3).round(3).tolist()
        parts[row] = ScoreParts(known, numbers[3:], ["nm1"], numbers[:1], numbers[1], numbers[2])
    return Predictions(
        user_ids=np.array([user for user, _ in rows], object),
        tconsts=np.array([str(movie) for _, movie in rows], object),
        rating=generator.uniform(1, 10, len(rows)).astype(np.float32),
        rank=rank,
        score=np.where(rank > 0, generator.normal(size=len(rows)), np.nan),
        parts=parts,
        attention_movies=movies,
        attention_weights=weights,
    )


def edges(graph: Connection, *, without_time: bool = False) -> list[dict]:
    rows = [record.data() for record in graph.driver.execute_query(EDGES).records]
    if without_time:
        for row in rows:
            row["properties"].pop("predictedAt")
    return rows


def test_every_prediction_is_an_edge_with_its_attention(small_graph: Connection) -> None:
    predictions = some_predictions()
    result = write_predictions(small_graph, [predictions], "model-a", predicted_at=100)
    written = {(row["user"], row["movie"]): row["properties"] for row in edges(small_graph)}
    assert result.predictions_written == len(predictions) == len(written)
    assert result.recommendations_written == int((predictions.rank > 0).sum())
    for i in range(len(predictions)):
        properties = written[predictions.user_ids[i], predictions.tconsts[i]]
        assert properties["rating"] == pytest.approx(predictions.rating[i])
        assert properties.get("rank", 0) == predictions.rank[i]
        movies, weights = predictions.attention_of(i)
        part = predictions.parts[i]
        assert properties.get("score") == (predictions.score[i] if part else None)
        assert properties.get("reasonMovies") == (part.movies if part else None)
        assert properties.get("reasonMovieParts") == (part.movie_parts if part else None)
        assert properties.get("reasonPeople") == (part.people if part else None)
        assert properties.get("otherPart") == (part.other if part else None)
        assert properties["attentionMovies"] == movies
        assert properties["attentionWeights"] == pytest.approx(weights)
        assert (properties["modelId"], properties["predictedAt"]) == ("model-a", 100)


def test_blocks_of_users_are_written_as_one(small_graph: Connection) -> None:
    predictions = some_predictions()
    write_predictions(small_graph, [predictions], "model-a", predicted_at=100)
    whole = edges(small_graph)
    small_graph.run_alone("serving/delete_model", modelId="model-a")
    blocks = (predictions.take(slice(begin, begin + 15)) for begin in range(0, len(predictions), 15))
    result = write_predictions(small_graph, blocks, "model-a", predicted_at=100, batch_size=10)
    assert edges(small_graph) == whole
    assert result.predictions_written == len(predictions)


def test_a_model_without_attention_writes_empty_lists(small_graph: Connection) -> None:
    predictions = some_predictions()
    bare = replace(
        predictions,
        attention_movies=predictions.attention_movies[:, :0],
        attention_weights=predictions.attention_weights[:, :0],
    )
    write_predictions(small_graph, [bare], "model-a", predicted_at=100)
    found = edges(small_graph)
    assert len(found) == len(predictions)
    assert all(row["properties"]["attentionMovies"] == [] for row in found)
    assert all(row["properties"]["attentionWeights"] == [] for row in found)


def test_a_second_run_changes_nothing_but_the_time(small_graph: Connection) -> None:
    write_predictions(small_graph, [some_predictions()], "model-a", predicted_at=100)
    before = edges(small_graph, without_time=True)
    result = write_predictions(small_graph, [some_predictions()], "model-a", predicted_at=200, batch_size=7)
    assert edges(small_graph, without_time=True) == before
    assert {row["properties"]["predictedAt"] for row in edges(small_graph)} == {200}
    assert result.stale_deleted == 0


def test_other_predictions_of_the_same_movies_take_the_place_of_the_earlier_ones(
    small_graph: Connection,
) -> None:
    first, second = some_predictions(), some_predictions(seed=1)
    second = replace(second, user_ids=first.user_ids, tconsts=first.tconsts, rank=first.rank[::-1])
    write_predictions(small_graph, [first], "model-a", predicted_at=100)
    write_predictions(small_graph, [second], "model-a", predicted_at=200)
    replaced = edges(small_graph)
    small_graph.run_alone("serving/delete_model", modelId="model-a")
    write_predictions(small_graph, [second], "model-a", predicted_at=200)
    assert replaced == edges(small_graph)


def test_what_the_new_run_does_not_hold_is_removed(small_graph: Connection) -> None:
    write_predictions(small_graph, [some_predictions()], "model-a", predicted_at=100)
    fewer = some_predictions(seed=1, users=USERS[:3])
    result = write_predictions(small_graph, [fewer], "model-a", predicted_at=200)
    assert len(edges(small_graph)) == len(fewer) == result.predictions_written
    assert result.stale_deleted == 9 * 5


def test_other_models_go_unless_kept(small_graph: Connection) -> None:
    write_predictions(small_graph, [some_predictions()], "model-a", predicted_at=100)
    kept = write_predictions(small_graph, [some_predictions(1)], "model-b", predicted_at=200, keep=True)
    assert (kept.others_deleted, len(edges(small_graph))) == (0, 120)
    alone = write_predictions(small_graph, [some_predictions(1)], "model-b", predicted_at=300)
    assert (alone.others_deleted, len(edges(small_graph))) == (60, 60)


def test_an_interrupt_leaves_whole_users_and_the_next_run_ends_as_one_whole(
    small_graph: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_predictions(small_graph, [some_predictions()], "model-a", predicted_at=100)
    whole = edges(small_graph, without_time=True)
    small_graph.run_alone("serving/delete_model", modelId="model-a")
    batches = write_module._batches

    def interrupted(rows: list, size: int) -> Iterator[list]:
        for number, batch in enumerate(batches(rows, size)):
            if number == 3:
                raise KeyboardInterrupt
            yield batch

    monkeypatch.setattr(write_module, "_batches", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_predictions(small_graph, [some_predictions()], "model-a", predicted_at=100, batch_size=10)
    assert len(edges(small_graph)) in {10, 20, 30}, "what has begun ends whole, what has not is dropped"
    monkeypatch.undo()
    write_predictions(small_graph, [some_predictions()], "model-a", predicted_at=200, batch_size=10)
    assert edges(small_graph, without_time=True) == whole


def test_a_replayed_batch_is_no_second_edge(small_graph: Connection) -> None:
    batch = list(write_module._user_rows(some_predictions(users=USERS[:2]), {}))
    work = small_graph.work("serving/predictions", users=batch, modelId="model-a", predictedAt=1)
    with small_graph.session() as session:
        assert [session.execute_write(work) for _ in range(2)] == [[{"written": 10}]] * 2
    assert len(edges(small_graph)) == 10


def test_a_movie_the_graph_does_not_know_is_refused_and_other_models_stay(small_graph: Connection) -> None:
    write_predictions(small_graph, [some_predictions()], "model-a", predicted_at=100)
    foreign = some_predictions(1)
    foreign.tconsts[0] = "tt-elsewhere"
    with pytest.raises(ModelRunError, match=r"holds 59 predictions of model model-b, but 60 were made"):
        write_predictions(small_graph, [foreign], "model-b", predicted_at=200)
    assert sum(row["properties"]["modelId"] == "model-a" for row in edges(small_graph)) == 60
