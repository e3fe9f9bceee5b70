"""Live recommendations: time of a top 10 over the whole catalogue, and for all users at once.

    python benchmarks/recommend.py [--users 200] [--shell 5] [--model RUN_ID] [--json]

Reads the configured or managed database and the promoted, else latest, model run. Writes nothing.
"""

import argparse
import json
import subprocess
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.recommend_request import RecommendRequest
from kgrec_gds.serving.recommender import recommend_users
from kgrec_gds.workflows.connect import connect
from kgrec_gds.workflows.recommend import recommend

K = 10


def main() -> None:
    """Measure and print."""
    options = _options()
    with connect() as connection:
        started = time.perf_counter()
        loaded = LoadedModel.load(connection, options.model)
        result: dict[str, Any] = {
            "model_id": loaded.model_id,
            "movies": len(loaded.dataset.movies) - 1,
            "load_seconds": round(time.perf_counter() - started, 2),
        }
        known = len(loaded.dataset.user_ids) - 1
        chosen = np.random.default_rng(0).choice(known, min(options.users, known), replace=False) + 1
        users = chosen.astype(np.int32)
        result |= {"users": len(users), **_latency(loaded, users)}
        result |= _everybody(loaded)
        result |= _shell(loaded, str(loaded.dataset.user_ids[users[0]]), options.shell)
    lines = "\n".join(f"{name:>34}  {value}" for name, value in result.items())
    print(json.dumps(result) if options.json else lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--shell", type=int, default=5, help="runs of the command from the shell; 0 for none")
    parser.add_argument("--model", help="id of a model run")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _latency(loaded: LoadedModel, users: NDArray[np.int32]) -> dict[str, float]:
    """Milliseconds of `recommend --live` with a loaded model, and of its stages."""
    taken: dict[str, list[float]] = {"all": []}
    for number, user in enumerate(loaded.dataset.user_ids[np.append(users[:5], users)]):
        start = time.perf_counter()
        found = recommend(loaded.connection, user, RecommendRequest(k=K, live=True), loaded=loaded)
        if number < 5:  # the first calls trace the network
            continue
        taken["all"].append(time.perf_counter() - start)
        for stage, seconds in found.seconds.items():
            taken.setdefault(stage, []).append(seconds)
    medians = {stage: round(1000 * float(np.median(values)), 1) for stage, values in taken.items()}
    return {
        "live_median_ms": medians.pop("all"),
        "live_p95_ms": round(1000 * float(np.percentile(taken["all"], 95)), 1),
        **{f"of_which_{stage}_ms": value for stage, value in medians.items()},
    }


def _everybody(loaded: LoadedModel) -> dict[str, float]:
    """Seconds of ranking, reasons, ratings and attention for all users at once, without writing."""
    users = np.arange(1, len(loaded.dataset.user_ids), dtype=np.int32)
    start = time.perf_counter()
    found = recommend_users(loaded, users)
    return {"all_users_seconds": round(time.perf_counter() - start, 1), "recommendations": len(found)}


def _shell(loaded: LoadedModel, user: str, runs: int) -> dict[str, float]:
    """Seconds of `kgrec-gds recommend` from the shell, where recommendations are written."""
    if not runs or not loaded.connection.run("serving/written", userId=user, modelId=None, k=K):
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
