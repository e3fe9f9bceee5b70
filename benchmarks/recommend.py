"""Live recommendations: time of a top 10 over the whole catalogue, and what preselection loses.

    python benchmarks/recommend.py [--users 200] [--candidates 500] [--shell 5] [--model RUN_ID] [--json]

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
from kgrec_gds.serving.top_k import top_k
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
        result |= _preselection(loaded, users, options.candidates)
        result |= _shell(loaded, str(loaded.dataset.user_ids[users[0]]), options.shell)
    lines = "\n".join(f"{name:>34}  {value}" for name, value in result.items())
    print(json.dumps(result) if options.json else lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--candidates", type=int, default=500)
    parser.add_argument("--shell", type=int, default=5, help="runs of the command from the shell; 0 for none")
    parser.add_argument("--model", help="id of a model run")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _latency(loaded: LoadedModel, users: NDArray[np.int32]) -> dict[str, float]:
    """Milliseconds of `recommend --live --candidates all` with a loaded model, and of its stages."""
    taken: dict[str, list[float]] = {"all": []}
    for number, user in enumerate(loaded.dataset.user_ids[np.append(users[:5], users)]):
        start = time.perf_counter()
        found = recommend(loaded.connection, user, k=K, live=True, candidates=None, loaded=loaded)
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


def _preselection(loaded: LoadedModel, users: NDArray[np.int32], candidates: int) -> dict[str, float]:
    """Share of the top 10 over all movies that preselection keeps, and pairs predicted a second."""
    found, seconds = {}, {}
    for name, size in (("all", None), ("preselected", candidates)):
        top_k(loaded.model, loaded.dataset, users[:2], K, size)
        start = time.perf_counter()
        parts = [top_k(loaded.model, loaded.dataset, users[i : i + 1], K, size) for i in range(len(users))]
        seconds[name] = time.perf_counter() - start
        found[name] = {
            (part.user_ids[row], part.tconsts[row]): float(part.rating[row])
            for part in parts
            for row in range(len(part))
        }
    kept = len(found["all"].keys() & found["preselected"].keys()) / len(found["all"])
    pairs = {"all": len(loaded.dataset.movies) - 1, "preselected": candidates}
    return {
        "candidates": candidates,
        "share_of_full_top_10_kept": round(kept, 3),
        **{
            f"mean_rating_of_{name}_top_10": round(float(np.mean(list(rows.values()))), 3)
            for name, rows in found.items()
        },
        **{f"pairs_per_second_{name}": round(len(users) * pairs[name] / seconds[name]) for name in pairs},
    }


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
