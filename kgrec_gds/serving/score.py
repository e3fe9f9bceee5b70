"""Predictions of given (user, movie, moment) triples: the test's events, or whatever is asked."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.inputs import Inputs, read_inputs, read_queries
from kgrec_gds.serving.collect import Collected, attended
from kgrec_gds.serving.predictions import Predictions


def predict_events(model: DefaultPredictor, dataset: Dataset, events: NDArray[np.integer]) -> Predictions:
    """Predict event rows, each from the ratings strictly before it, with the attention of that forward pass."""
    ratings = dataset.ratings
    users = dataset.user_ids[ratings.user_index[events]]
    movies = dataset.movies.tconst[ratings.movie_index[events]]
    collected = Collected()
    rating, attention = _score(model, dataset, read_inputs(dataset), np.asarray(events))
    for user, movie, value, seen in zip(users, movies, rating, attention, strict=True):
        collected.add(user, movie, value, seen)
    return collected.finish()


def predict_pairs(
    model: DefaultPredictor,
    dataset: Dataset,
    users: Sequence[str],
    tconsts: Sequence[str],
    at: Sequence[int] | NDArray[np.int64],
) -> Predictions:
    """Predict any user and movie at any moment; an unknown id is impossible, and says so.

    Args:
        model: fitted.
        dataset: the graph's ratings and movies.
        users: user ids.
        tconsts: one for each user.
        at: epoch seconds for each; only ratings strictly before are used.
    """
    user_of = {user: number for number, user in enumerate(dataset.user_ids) if number}
    movie_of = {tconst: number for number, tconst in enumerate(dataset.movies.tconst) if number}
    known = np.array([u in user_of and m in movie_of for u, m in zip(users, tconsts, strict=True)], bool)
    queries = Queries(
        np.array([user_of.get(user, 0) for user in users], np.int32)[known],
        np.array([movie_of.get(tconst, 0) for tconst in tconsts], np.int32)[known],
        np.asarray(at, np.int64)[known],
    )
    rating, attention = _score(model, dataset, read_queries(dataset, queries), np.arange(len(queries)))
    scored = iter(zip(rating, attention, strict=True))
    collected = Collected()
    for user, tconst, possible in zip(users, tconsts, known, strict=True):
        if possible:
            value, seen = next(scored)
            collected.add(user, tconst, value, seen)
        else:
            what = f"user {user}" if user not in user_of else f"movie {tconst}"
            collected.impossible(user, tconst, f"the graph has no {what}")
    return collected.finish()


def _score(
    model: DefaultPredictor, dataset: Dataset, inputs: Inputs, asked: NDArray[np.integer]
) -> tuple[NDArray[np.float32], list[tuple[list[str], NDArray[np.float32]]]]:
    """Ratings and attention of some queries of `inputs`, in their order."""
    rest = np.zeros(len(inputs.queries), np.float32)
    seen: dict[int, tuple[list[str], NDArray[np.float32]]] = {}
    if len(asked):
        trainer = model.network.bind(dataset, inputs)
        window = model.network.settings.attention_steps
        for number, steps, predicted, weights in trainer.passes(asked):
            rest[number[number >= 0]], shares = predicted.numpy(), weights.numpy()
            for row, place in zip(*np.nonzero(number >= 0), strict=True):
                query = int(number[row, place])
                visible = int(trainer.rows.visible[query])
                seen[query] = attended(
                    dataset.movies.tconst, steps["movie"][row], shares[row, place], visible, window
                )
    values, start = rest[asked], model.start(inputs)[asked]
    return model.mix(start, values, inputs.features[asked], inputs.feature_names), [
        seen[int(query)] for query in asked
    ]
