"""Live recommendations: how long one takes over all candidates, and what preselection loses.

    python benchmarks/recommend.py [--users 200] [--candidates 500] [--shell 5] [--json]

Reads the configured or managed database and the promoted, else latest, model run. Writes nothing.
"""

import argparse
import json
import subprocess
import sys
import time
from typing import Any

import numpy as np

from kgrec_gds.data.moment import moment
from kgrec_gds.database.connection import Connection
from kgrec_gds.serving.live import LiveRecommender
from kgrec_gds.workflows.connect import connect

K = 10


def main() -> None:
    """Measure and print."""
    options = _options()
    with connect() as graph:
        started = time.perf_counter()
        live = LiveRecommender.load(graph, candidates=None)
        loaded = time.perf_counter() - started
        users = _some_users(live, options.users)
        result: dict[str, Any] = {
            "users": len(users),
            "movies": len(live.recommender.dataset.movies) - 1,
            "load_seconds": round(loaded, 2),
            **_latency(live, users),
            **_preselection(live, users, options.candidates),
            **_shell(graph, users[0], options.shell),
        }
    print(
        json.dumps(result)
        if options.json
        else "\n".join(f"{name:>34}  {value}" for name, value in result.items())
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--candidates", type=int, default=500)
    parser.add_argument("--shell", type=int, default=5, help="runs of the command from the shell; 0 for none")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _some_users(live: LiveRecommender, count: int) -> list[str]:
    ids = live.recommender.dataset.user_ids[1:]
    chosen = np.random.default_rng(0).choice(len(ids), min(count, len(ids)), replace=False)
    return [str(ids[i]) for i in chosen]


def _latency(live: LiveRecommender, users: list[str]) -> dict[str, float]:
    for user in users[:5]:  # the first calls trace the network
        live.recommend(user, K)
    taken: list[float] = []
    parts: dict[str, list[float]] = {}
    for user in users:
        start = time.perf_counter()
        seconds = live.recommend(user, K).seconds
        taken.append(1000 * (time.perf_counter() - start))
        for part, value in seconds.items():
            parts.setdefault(part, []).append(1000 * value)
    return {
        "live_all_median_ms": round(float(np.median(taken)), 1),
        "live_all_p95_ms": round(float(np.percentile(taken, 95)), 1),
        **{
            f"of_which_{part}_median_ms": round(float(np.median(values)), 1) for part, values in parts.items()
        },
        **_parts_of_score(live, users[:50]),
    }


def _parts_of_score(live: LiveRecommender, users: list[str]) -> dict[str, float]:
    """What of the scoring goes into the features and the trees; the rest is the network."""
    recommender = live.recommender
    whole = recommender.whole(moment(recommender.dataset))
    taken: dict[str, list[float]] = {"features": [], "trees": []}
    for user in users:
        start = time.perf_counter()
        table = whole.snapshot.table(recommender.user_of[user])
        middle = time.perf_counter()
        whole.trees(table)
        taken["features"].append(1000 * (middle - start))
        taken["trees"].append(1000 * (time.perf_counter() - middle))
    return {
        f"of_score_{part}_median_ms": round(float(np.median(values)), 1) for part, values in taken.items()
    }


def _preselection(live: LiveRecommender, users: list[str], candidates: int) -> dict[str, float]:
    """Share of the full top 10, by the model over all movies, that preselection keeps, and pairs scored a second."""
    recommender, now = live.recommender, moment(live.recommender.dataset)
    found, seconds = {}, {}
    for name, size in (("all", None), ("some", candidates)):
        recommender.recommend(users[:2], now, K, size)
        start = time.perf_counter()
        rows = recommender.recommend(users, now, K, size)
        seconds[name] = time.perf_counter() - start
        found[name] = {(rows.user_ids[i], rows.tconsts[i]): float(rows.rating[i]) for i in range(len(rows))}
    kept = len(found["all"].keys() & found["some"].keys()) / len(found["all"])
    movies = len(recommender.dataset.movies) - 1
    return {
        "candidates": candidates,
        "share_of_full_top_10_kept": round(kept, 3),
        "mean_rating_of_full_top_10": round(float(np.mean(list(found["all"].values()))), 3),
        "mean_rating_of_preselected_top_10": round(float(np.mean(list(found["some"].values()))), 3),
        "pairs_per_second_all": round(len(users) * movies / seconds["all"]),
        "pairs_per_second_preselected": round(len(users) * candidates / seconds["some"]),
    }


def _shell(graph: Connection, user: str, runs: int) -> dict[str, float]:
    if not runs or not graph.run("serving/written", userId=user, modelId=None, k=K):
        return {}
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "kgrec_gds", "recommend", user, "--json"], check=True, capture_output=True
        )
        taken.append(time.perf_counter() - start)
    return {"shell_median_seconds": round(float(np.median(taken)), 2)}


if __name__ == "__main__":
    main()
