"""Ask the procedures of the plugin: latency, many clients at once, agreement with Python, counterfactuals.

    python benchmarks/procedures.py [--users 200] [--clients 8] [--seconds 60] [--explain 50] [--agreement] [--json]

Reads the configured or managed database with a published model run. Counterfactuals are tried in transactions that are
rolled back; `--agreement` rates one movie more for each user and deletes that rating again.
"""

import argparse
import itertools
import json
import threading
import time
from typing import Any

import numpy as np
import psutil

from kgrec_gds.database.connection import Connection
from kgrec_gds.server import lifecycle
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.recommend_request import RecommendRequest
from kgrec_gds.workflows.connect import connect
from kgrec_gds.workflows.rate import rate
from kgrec_gds.workflows.recommend import recommend

RECOMMEND = """
CALL kgrec.recommend($user, $configuration) YIELD movie, rank, score, rating
RETURN movie.tconst AS tconst, rank, score, rating
"""
HUNDRED = (
    "UNWIND $users AS user CALL kgrec.recommend(user, {ratings: false}) YIELD movie, rank RETURN count(*)"
)
EXPLAIN = "CALL kgrec.explain($user, $tconst) YIELD counterfactuals RETURN counterfactuals"
DELETE = "MATCH (:User {userId: $user})-[r:RATED]->(movie:Movie) WHERE movie.tconst IN $left DELETE r"
HEAP = "CALL dbms.queryJmx('java.lang:type=Memory') YIELD attributes RETURN attributes.HeapMemoryUsage.value.properties.used"
WARM_UP = 1000  # the server's compiler is done with the loops by then


def main() -> None:
    """Measure and print."""
    options = _options()
    rng = np.random.default_rng(options.seed)
    with connect() as connection:
        rows = connection.driver.execute_query("MATCH (user:User) RETURN user.userId ORDER BY 1").records
        known = [row[0] for row in rows]
        users = [str(user) for user in rng.choice(known, min(options.users, len(known)), replace=False)]
        result: dict[str, Any] = {"users": len(users)}
        result["with_ratings"] = latency(connection, users, {})
        result["without_ratings"] = latency(connection, users, {"ratings": False})
        started = time.perf_counter()
        connection.driver.execute_query(HUNDRED, users=users[:100])
        result["hundred_users_ms"] = round(1000 * (time.perf_counter() - started))
        result["clients"] = clients(connection, users, options.clients, options.seconds)
        result["counterfactuals"] = counterfactuals(connection, users, options.explain, rng)
        if options.agreement:
            result["agreement"] = agreement(connection, users, rng)
    print(json.dumps(result, indent=None if options.json else 2))


def latency(connection: Connection, users: list[str], configuration: dict[str, Any]) -> dict[str, float]:
    """Milliseconds of single calls after warm-up, at the client and in the server, and processor time of the server."""
    for user in itertools.islice(itertools.cycle(users), WARM_UP):
        connection.driver.execute_query(RECOMMEND, user=user, configuration=configuration)
    process = _server()
    before = sum(process.cpu_times()[:2]) if process else 0.0
    client, server = [], []
    for user in users:
        started = time.perf_counter()
        summary = connection.driver.execute_query(RECOMMEND, user=user, configuration=configuration).summary
        client.append(1000 * (time.perf_counter() - started))
        server.append((summary.result_available_after or 0) + (summary.result_consumed_after or 0))
    found = {
        "client_p50_ms": round(float(np.percentile(client, 50)), 1),
        "client_p95_ms": round(float(np.percentile(client, 95)), 1),
        "server_p50_ms": float(np.percentile(server, 50)),
        "server_p95_ms": float(np.percentile(server, 95)),
    }
    if process:
        found["cpu_ms_a_call"] = round(1000 * (sum(process.cpu_times()[:2]) - before) / len(users), 1)
    return found


def clients(connection: Connection, users: list[str], number: int, seconds: float) -> dict[str, float]:
    """Clients that ask at once for some time: calls a second, latency, and the server's memory before and after."""
    taken: list[list[float]] = [[] for _ in range(number)]
    end = time.perf_counter() + seconds

    def ask(client: int) -> None:
        turn = client
        while (started := time.perf_counter()) < end:
            connection.driver.execute_query(RECOMMEND, user=users[turn % len(users)], configuration={})
            taken[client].append(1000 * (time.perf_counter() - started))
            turn += number

    memory = {"before": _memory(connection)}
    threads = [threading.Thread(target=ask, args=(client,)) for client in range(number)]
    for thread in threads:
        thread.start()
    time.sleep(max(end - time.perf_counter(), 0) / 2)
    memory["middle"] = _memory(connection)
    for thread in threads:
        thread.join()
    memory["after"] = _memory(connection)
    calls = [one for own in taken for one in own]
    return {
        "calls_a_second": round(len(calls) / seconds, 1),
        "p95_ms": round(float(np.percentile(calls, 95)), 1),
        **{f"heap_mb_{when}": heap for when, (heap, _) in memory.items()},
        **{f"resident_mb_{when}": resident for when, (_, resident) in memory.items()},
    }


def counterfactuals(
    connection: Connection, users: list[str], number: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Random recommendations whose counterfactuals are tried: delete the ratings, ask again, compare, roll back."""
    tried: dict[str, int] = {"recommendations": 0, "leavesTopK": 0, "movesRating": 0, "as_said": 0}
    worst = 0.0
    for user in users[:number]:
        rows = connection.driver.execute_query(RECOMMEND, user=user, configuration={}).records
        tconst = rows[int(rng.integers(len(rows)))]["tconst"]
        said = connection.driver.execute_query(EXPLAIN, user=user, tconst=tconst).records[0][0]
        tried["recommendations"] += 1
        for one in said:
            tried[one["effect"]] += 1
            again = _without(connection, user, tconst, [rating["tconst"] for rating in one["leftOut"]])
            off = max(abs(again["score"] - one["score"]), abs(again["rating"] - one["rating"]))
            worst = max(worst, off)
            leaves = one["effect"] != "leavesTopK" or again["rank"] > len(rows)
            tried["as_said"] += again["rank"] == one["rank"] and leaves and off < 1e-4
    return {**tried, "largest_difference": worst}


def agreement(connection: Connection, users: list[str], rng: np.random.Generator) -> dict[str, Any]:
    """The procedure against the model in Python: equal lists, and the largest difference of a rating.

    Each user is asked about twice: as they are, and after a rating more, which is deleted again.
    """
    loaded = LoadedModel.load(connection)
    filters: dict[str, dict[str, Any]] = {
        "all": {},
        "candidates": {"genres": ("Comedy",), "years": "1980-1999"},
    }
    found = {name: {"equal_lists": 0, "largest_rating_difference": 0.0} for name in filters}
    found |= {f"{name}_after_a_rating": dict(counts) for name, counts in found.items()}
    for user in users:
        first = {
            name: _compare(connection, user, loaded, chosen, found[name]) for name, chosen in filters.items()
        }
        rated = str(rng.choice(first["all"]))
        rate(connection, user, rated, float(rng.integers(1, 11)))
        try:
            for name, chosen in filters.items():
                _compare(connection, user, loaded, chosen, found[f"{name}_after_a_rating"])
        finally:
            connection.driver.execute_query(DELETE, user=user, left=[rated])
            loaded.refresh([user])
    return found


def _compare(
    connection: Connection, user: str, loaded: LoadedModel, filters: dict[str, Any], counts: dict[str, Any]
) -> list[str]:
    request = RecommendRequest(live=True, **filters)
    graph = recommend(connection, user, request).recommendations
    model = recommend(connection, user, request, loaded=loaded).recommendations
    counts["equal_lists"] += [row.tconst for row in graph] == [row.tconst for row in model]
    for a, b in zip(graph, model, strict=True):
        if a.tconst == b.tconst and a.predicted_rating and b.predicted_rating:
            off = abs(a.predicted_rating - b.predicted_rating)
            counts["largest_rating_difference"] = max(counts["largest_rating_difference"], off)
    return [row.tconst for row in graph]


def _without(connection: Connection, user: str, tconst: str, left: list[str]) -> dict[str, Any]:
    with connection.driver.session() as session, session.begin_transaction() as transaction:
        transaction.run(DELETE, user=user, left=left).consume()
        query = "CALL kgrec.explain($user, $tconst, {counterfactuals: 0}) YIELD rank, score, rating RETURN rank, score, rating"
        row = transaction.run(query, user=user, tconst=tconst).single(strict=True).data()
        transaction.rollback()
    return row


def _memory(connection: Connection) -> tuple[int, int]:
    """Megabytes of the used heap and of the server's resident memory."""
    heap = connection.driver.execute_query(HEAP).records[0][0]
    process = _server()
    return heap >> 20, process.memory_info().rss >> 20 if process else 0


def _server() -> psutil.Process | None:
    """The managed server; None where another one is configured."""
    pid = lifecycle.status().pid
    return psutil.Process(pid) if pid else None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60, help="how long the clients ask")
    parser.add_argument(
        "--explain", type=int, default=50, help="recommendations whose counterfactuals are tried"
    )
    parser.add_argument("--agreement", action="store_true", help="compare with the model in Python, too")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one line")
    return parser.parse_args()


if __name__ == "__main__":
    main()
