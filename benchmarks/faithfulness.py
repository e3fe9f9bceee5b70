"""Is the attention faithful? Take attended ratings out of the data and see how far the prediction moves.

    KGREC_HOME=… python benchmarks/faithfulness.py

For every user's first recommendation (`predict --users all`) with ten attended movies or more, the user's rating of
one of them is taken out of the data, and everything, the averages included, is computed again: once without the most
attended movie, several times without a random other one, once each without the latest and the least attended one.
Users are taken a hundred at a time, so that the data barely changes for the others.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.query import Queries
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.explanations.contributions import without_ratings
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.workflows.connect import connect

LEAST_STEPS = 10


def first_recommendations(loaded: LoadedModel) -> Queries:
    """Queries of the users' first recommendations."""
    rows = loaded.connection.run("explanations/first_recommendations", modelId=loaded.model_id)
    users = np.array([loaded.user_index(row["user"]) for row in rows], np.int32)
    movies = np.array([loaded.movie_index(row["tconst"]) for row in rows], np.int32)
    return loaded.pair_queries(users, movies)


def moved(
    loaded: LoadedModel, queries: Queries, rating: NDArray[np.float32], movies: list[int], together: int
) -> NDArray[np.float64]:
    """How far each prediction moves when its user's rating of a movie is taken out, shape (queries,)."""
    ratings, result = loaded.dataset.ratings, np.zeros(len(queries))
    pairs = zip(ratings.user_index.tolist(), ratings.movie_index.tolist(), strict=True)
    row_of = {pair: row for row, pair in enumerate(pairs)}
    users = queries.user_index.tolist()
    events = np.array([row_of[pair] for pair in zip(users, movies, strict=True)], np.int64)
    for begin in range(0, len(queries), together):
        part = slice(begin, begin + together)
        fewer = without_ratings(loaded.dataset, events[part])
        again = loaded.model.predict(fewer, queries.take(part))
        result[part] = np.abs(again.astype(np.float64) - rating[part])
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env-file", type=Path)
    parser.add_argument("--model", help="id of a model run")
    parser.add_argument("--draws", type=int, default=5, help="random movies a user")
    parser.add_argument("--together", type=int, default=100, help="users whose ratings are taken out at once")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with connect(env_file=options.env_file) as connection:
        loaded = LoadedModel.load(connection, options.model)
        queries = first_recommendations(loaded)
    rating, attention = loaded.model.predict_with_attention(loaded.dataset, queries)
    if attention is None:
        sys.exit(f"Model {loaded.model_id} has no attention; choose another with --model.")
    enough = np.flatnonzero((attention.movie_index > 0).sum(axis=1) >= LEAST_STEPS)
    queries, rating = queries.take(enough), rating[enough]
    steps = [row[row > 0] for row in attention.movie_index[enough]]
    weights = [attention.weights[n][attention.movie_index[n] > 0] for n in enough]
    rng = np.random.default_rng(options.seed)
    most = [int(np.argmax(weight)) for weight in weights]
    arms: dict[str, list[list[int]]] = {
        "most attended": [most],
        "random other": [
            [int(rng.choice(np.delete(np.arange(len(w)), top))) for w, top in zip(weights, most, strict=True)]
            for _ in range(options.draws)
        ],
        "latest": [[len(weight) - 1 for weight in weights]],
        "least attended": [[int(np.argmin(weight)) for weight in weights]],
    }
    shifts = {}
    for name, draws in arms.items():
        movies = [[int(row[place]) for row, place in zip(steps, draw, strict=True)] for draw in draws]
        shifts[name] = np.mean([moved(loaded, queries, rating, m, options.together) for m in movies], axis=0)
        print(f"{name}: {shifts[name].mean():.4f}", file=sys.stderr)
    others = [name for name in shifts if name != "most attended"]
    differences = np.stack([shifts["most attended"] - shifts[name] for name in others], axis=1)
    intervals = paired_differences(differences, queries.user_index, seed=options.seed)
    latest = [top == len(weight) - 1 for top, weight in zip(most, weights, strict=True)]
    result = {
        "model_id": loaded.model_id,
        "users": len(enough),
        "mean_steps": float(np.mean([len(weight) for weight in weights])),
        "mean_top_weight": float(np.mean([weight.max() for weight in weights])),
        "most_attended_is_latest": float(np.mean(latest)),
        "mean_shift": {name: float(shift.mean()) for name, shift in shifts.items()},
        "most_attended_minus": {
            name: vars(interval) for name, interval in zip(others, intervals, strict=True)
        },
        "share_of_users_moved_more_than_by_random": float(
            np.mean(shifts["most attended"] > shifts["random other"])
        ),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
