"""Writing predictions and reading ratings, each beside its row-by-row counterpart, interleaved in one run.

    python benchmarks/write.py [--users 600] [--movies 5000] [--per-user 50] [--rounds 3] [--json]

Uses a home of its own (`KGREC_HOME/benchmark`), which it fills with synthetic users, movies and ratings.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from typing import Any

import numpy as np

from kgrec_gds import home
from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.pull import pull, pull_ratings
from kgrec_gds.database import queries
from kgrec_gds.database.connection import VARIABLES, Connection, unlogged
from kgrec_gds.loading.constraints import apply_schema
from kgrec_gds.server.lifecycle import ensure_running, stop
from kgrec_gds.serving.predictions import Predictions
from kgrec_gds.serving.write_predictions import BATCH_SIZE, _batches, _user_rows, write_predictions

ATTENTION = 20

FILL = """
UNWIND $rows AS row
MERGE (user:User {userId: row.user})
WITH user, row
UNWIND row.movies AS i
MATCH (movie:Movie {tconst: 'tt' + toString(1000000 + i)})
CREATE (user)-[:RATED {rating: toFloat(1 + (i % 10)), ratedAt: 1000000000 + i}]->(movie)
"""
ROW_BY_ROW_WRITE = """
UNWIND $rows AS row
MATCH (user:User {userId: row.userId})
MATCH (movie:Movie {tconst: row.tconst})
MERGE (user)-[p:PREDICTED_RATING {modelId: row.modelId}]->(movie)
SET p += row.properties
"""
ROW_BY_ROW_READ = """
MATCH (user:User)-[rated:RATED]->(movie:Movie)
RETURN user.userId AS user_id, movie.tconst AS tconst, rated.rating AS rating, rated.ratedAt AS rated_at
"""
CLEAR = "MATCH (:User)-[p:PREDICTED_RATING]->(:Movie) CALL (p) { DELETE p } IN TRANSACTIONS OF 10000 ROWS RETURN count(*)"


def main() -> None:
    """Measure and print."""
    options = _options()
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ[home.HOME_VARIABLE] = str(home.home() / "benchmark")
    try:
        with Connection.open(ensure_running().address) as graph:
            _fill(graph, options.users, options.movies, options.ratings)
            predictions = _predictions(options.users, options.movies, options.per_user)
            result = _writing(graph, predictions, options.rounds) | _reading(graph, options.rounds)
    finally:
        stop()
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:>40}  {value:,.1f}" if isinstance(value, float) else f"{name:>40}  {value}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=600)
    parser.add_argument("--movies", type=int, default=5_000)
    parser.add_argument("--per-user", type=int, default=50, help="predictions a user")
    parser.add_argument(
        "--ratings", type=int, default=165, help="ratings a user, as many as in MovieLens small"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _tconst(i: int) -> str:
    return f"tt{1_000_000 + i}"


def _fill(graph: Connection, users: int, movies: int, per_user: int) -> None:
    apply_schema(graph)
    graph.driver.execute_query("MATCH (n:User) DETACH DELETE n")
    graph.driver.execute_query(
        "UNWIND $keys AS key MERGE (:Movie {tconst: key})", keys=[_tconst(i) for i in range(movies)]
    )
    generator = np.random.default_rng(0)
    rows = [
        {"user": str(user), "movies": generator.choice(movies, per_user, replace=False).tolist()}
        for user in range(users)
    ]
    for part in batched(rows, 100):
        graph.driver.execute_query(FILL, rows=part)


def _predictions(users: int, movies: int, per_user: int) -> Predictions:
    generator = np.random.default_rng(1)
    count = users * per_user
    weights = generator.dirichlet(np.ones(ATTENTION), count).astype(np.float32)
    tconst = np.array([_tconst(i) for i in range(movies)], object)
    chosen = [generator.choice(movies, per_user, replace=False) for _ in range(users)]
    return Predictions(
        user_ids=np.array([str(user) for user in range(users) for _ in range(per_user)], object),
        tconsts=tconst[np.concatenate(chosen)],
        rating=generator.uniform(1, 10, count).astype(np.float32),
        rank=np.tile(np.arange(1, per_user + 1, dtype=np.int32), users),
        score=np.full(count, np.nan),
        parts=np.full(count, None, object),
        attention_movies=tconst[generator.choice(movies, (count, ATTENTION))],
        attention_weights=weights,
    )


def _writing(graph: Connection, predictions: Predictions, rounds: int) -> dict[str, Any]:
    times = count(1)  # each write has a time of its own, as each run of predict has

    def ours() -> None:
        write_predictions(graph, [predictions], "ours", predicted_at=next(times), keep=True)

    def row_by_row() -> None:
        for batch in batched(_rows(predictions, next(times)), BATCH_SIZE):
            with graph.session() as session:
                session.execute_write(lambda tx, rows=batch: tx.run(ROW_BY_ROW_WRITE, rows=rows).consume())

    for warm_up in (ours, row_by_row) * 3:  # the server compiles what it runs
        graph_is_clear(graph)
        warm_up()
    seconds: dict[str, list[float]] = {"ours": [], "row_by_row": [], "ours_again": [], "row_by_row_again": []}
    for _ in range(rounds):
        for name, write in (("ours", ours), ("row_by_row", row_by_row)):
            graph_is_clear(graph)
            seconds[name].append(_seconds(write))
            seconds[f"{name}_again"].append(_seconds(write))
    median = {name: statistics.median(values) for name, values in seconds.items()}
    graph_is_clear(graph)
    parts = _parts(graph, predictions, next(times)), _parts(graph, predictions, next(times))
    written = len(predictions)
    return {
        "relationships": written,
        "attention_weights_each": ATTENTION,
        "relationships_per_second": written / median["ours"],
        "row_by_row_relationships_per_second": written / median["row_by_row"],
        "write_ratio": median["row_by_row"] / median["ours"],
        "write_again_ratio": median["row_by_row_again"] / median["ours_again"],
        "write_seconds": seconds["ours"],
        "row_by_row_write_seconds": seconds["row_by_row"],
        "write_again_seconds": seconds["ours_again"],
        "row_by_row_write_again_seconds": seconds["row_by_row_again"],
        "parts_of_write_seconds": parts[0],
        "parts_of_write_again_seconds": parts[1],
    }


def _parts(graph: Connection, predictions: Predictions, predicted_at: int) -> dict[str, float]:
    """Seconds of each step of a write, in the same transactions."""
    parts = dict.fromkeys(("rows", "send", "statement", "commit", "counts"), 0.0)
    begin = time.perf_counter()

    def done(part: str) -> None:
        nonlocal begin
        parts[part] += time.perf_counter() - begin
        begin = time.perf_counter()

    rows = list(_user_rows(predictions, {}))
    done("rows")
    text = queries.load("serving/predictions").text
    with graph.session() as session:
        for batch in _batches(iter(rows), BATCH_SIZE):
            transaction = session.begin_transaction()
            parameters = unlogged({"users": batch, "modelId": "ours", "predictedAt": predicted_at})
            result = transaction.run(text, parameters)  # returns once the server has read and planned
            done("send")
            result.consume()
            done("statement")
            transaction.commit()
            done("commit")
    graph.run_alone("serving/delete_stale", modelId="ours", predictedAt=predicted_at)
    graph.one("serving/count_predictions", modelId="ours")
    done("counts")
    return {part: round(seconds, 3) for part, seconds in parts.items()}


def _rows(predictions: Predictions, predicted_at: int) -> Iterator[dict[str, Any]]:
    for i in range(len(predictions)):
        movies, weights = predictions.attention_of(i)
        yield {
            "userId": predictions.user_ids[i],
            "tconst": predictions.tconsts[i],
            "modelId": "row-by-row",
            "properties": {
                "rating": float(predictions.rating[i]),
                "rank": int(predictions.rank[i]),
                "attentionMovies": movies,
                "attentionWeights": weights,
                "predictedAt": predicted_at,
            },
        }


def _reading(graph: Connection, rounds: int) -> dict[str, Any]:
    def row_by_row() -> None:
        with graph.session() as session:
            rows = [record.values() for record in session.run(ROW_BY_ROW_READ)]
        users, keys, values, times = zip(*rows, strict=True)
        _user_ids, user = np.unique(np.array(users), return_inverse=True)
        movie = np.fromiter((movie_index[key] for key in keys), np.int32, len(keys))
        order = np.lexsort((movie, user, np.array(times)))
        assert len(
            Ratings(user[order], movie[order], np.array(values)[order], np.array(times)[order])
        ) == len(rows)

    def ours() -> None:
        pull_ratings(graph, movie_index)

    dataset = pull(graph)
    movie_index = {key: number for number, key in enumerate(dataset.movies.tconst)}
    times: dict[str, list[float]] = {"ours": [], "row_by_row": []}
    for _ in range(rounds):
        times["ours"].append(_seconds(ours))
        times["row_by_row"].append(_seconds(row_by_row))
    median = {name: statistics.median(values) for name, values in times.items()}
    return {
        "ratings": len(dataset.ratings),
        "ratings_per_second": len(dataset.ratings) / median["ours"],
        "row_by_row_ratings_per_second": len(dataset.ratings) / median["row_by_row"],
        "read_ratio": median["row_by_row"] / median["ours"],
    }


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of `size` rows; itertools has it from Python 3.12 on."""
    iterator = iter(rows)
    while part := list(islice(iterator, size)):
        yield part


def graph_is_clear(graph: Connection) -> None:
    """Remove every prediction."""
    with graph.session() as session:
        session.run(CLEAR).consume()


def _seconds(action: Callable[[], None]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
