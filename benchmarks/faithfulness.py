"""Does the attention say what the prediction rests on? Take attended ratings out and see how far it moves.

    KGREC_HOME=… python benchmarks/faithfulness.py

For every user's first recommendation (`predict --users all`) with ten attended movies or more, the user's rating of
one of them is taken out of the data, and everything, the averages included, is computed again: once without the most
attended one, several times without a random other one, once each without the latest and the least attended one.
Users are taken a hundred at a time, so that the data barely changes for anybody else.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.moment import moment
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.explanations.contributions import score, without_events
from kgrec_gds.explanations.explanation_model import Scorer
from kgrec_gds.workflows.connect import connect

LEAST_STEPS = 10


def first_recommendations(scorer: Scorer, rows: list[dict[str, str]]) -> Queries:
    """Queries for the users' first recommendations at the end of the log."""
    user_of = {user: number for number, user in enumerate(scorer.dataset.user_ids) if number}
    movie_of = {tconst: number for number, tconst in enumerate(scorer.dataset.movies.tconst) if number}
    return Queries(
        np.array([user_of[row["user"]] for row in rows], np.int32),
        np.array([movie_of[row["tconst"]] for row in rows], np.int32),
        np.full(len(rows), moment(scorer.dataset), np.int64),
    )


def moved(
    scorer: Scorer, queries: Queries, whole: NDArray[np.float32], events: NDArray[np.int64], together: int
) -> NDArray[np.float64]:
    """How far each prediction moves when its user's event is taken out, shape (queries,)."""
    result = np.zeros(len(queries))
    for begin in range(0, len(queries), together):
        part = np.arange(begin, min(begin + together, len(queries)))
        fewer = without_events(scorer.dataset, events[part])
        again = score(scorer.model, fewer, queries.take(part)).rating
        result[part] = np.abs(again.astype(np.float64) - whole[part])
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env-file", type=Path)
    parser.add_argument("--model")
    parser.add_argument("--draws", type=int, default=5, help="random steps a user")
    parser.add_argument("--together", type=int, default=100, help="users whose ratings are taken out at once")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with connect(env_file=given.env_file) as graph:
        scorer = Scorer.load(graph, given.model)
        rows = graph.run("explanations/first_recommendations", modelId=scorer.model_id)
    queries = first_recommendations(scorer, rows)
    before = score(scorer.model, scorer.dataset, queries)
    enough = np.array([n for n, (movies, _) in enumerate(before.attention) if len(movies) >= LEAST_STEPS])
    queries, whole = queries.take(enough), before.rating[enough]
    steps = [event_rows(scorer, queries, n, before.attention[place][0]) for n, place in enumerate(enough)]
    weights = [before.attention[place][1] for place in enough]
    rng = np.random.default_rng(given.seed)
    most = [int(np.argmax(weight)) for weight in weights]
    arms: dict[str, list[list[int]]] = {
        "most attended": [most],
        "random other": [
            [int(rng.choice(np.delete(np.arange(len(w)), top))) for w, top in zip(weights, most, strict=True)]
            for _ in range(given.draws)
        ],
        "latest": [[len(weight) - 1 for weight in weights]],
        "least attended": [[int(np.argmin(weight)) for weight in weights]],
    }
    shifts = {}
    for name, draws in arms.items():
        tries = [
            moved(
                scorer,
                queries,
                whole,
                np.array([step[place] for step, place in zip(steps, draw, strict=True)]),
                given.together,
            )
            for draw in draws
        ]
        shifts[name] = np.mean(tries, axis=0)
        print(f"{name}: {shifts[name].mean():.4f}", file=sys.stderr)
    others = [name for name in shifts if name != "most attended"]
    differences = np.stack([shifts["most attended"] - shifts[name] for name in others], axis=1)
    intervals = paired_differences(differences, queries.user_index, seed=given.seed)
    result = {
        "model_id": scorer.model_id,
        "users": len(enough),
        "mean_steps": float(np.mean([len(weight) for weight in weights])),
        "mean_top_weight": float(np.mean([weight.max() for weight in weights])),
        "most_attended_is_latest": float(
            np.mean([top == len(w) - 1 for top, w in zip(most, weights, strict=True)])
        ),
        "mean_shift": {name: float(shift.mean()) for name, shift in shifts.items()},
        "most_attended_minus": {
            name: vars(interval) for name, interval in zip(others, intervals, strict=True)
        },
        "share_of_users_moved_more_than_by_random": float(
            np.mean(shifts["most attended"] > shifts["random other"])
        ),
    }
    print(json.dumps(result, indent=1))


def event_rows(scorer: Scorer, queries: Queries, place: int, tconsts: list[str]) -> NDArray[np.int64]:
    """Event rows of the attended movies of one query, in their order."""
    ratings = scorer.dataset.ratings
    own = np.flatnonzero(ratings.user_index == queries.user_index[place])
    row_of = dict(zip(scorer.dataset.movies.tconst[ratings.movie_index[own]], own, strict=True))
    return np.array([row_of[tconst] for tconst in tconsts], np.int64)


if __name__ == "__main__":
    main()
