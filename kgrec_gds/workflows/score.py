"""Predict the ratings of given pairs of user and movie."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kgrec_gds.database.connection import Connection
from kgrec_gds.progress import Timer
from kgrec_gds.serving.loaded_model import LoadedModel


@dataclass(frozen=True)
class ScoredPair:
    """One predicted rating."""

    user: str
    tconst: str
    title: str | None
    predicted_rating: float | None
    """1-10; None where a prediction was impossible."""
    attention_movies: list[str]
    """tconst of past movies, oldest first; empty without history, and for a model without attention."""
    attention_weights: list[float]
    """As many, with sum 1."""
    was_impossible: bool = False
    reason: str | None = None
    """Why a prediction was impossible."""


@dataclass(frozen=True)
class Scored:
    """Predicted ratings of pairs, in the order given."""

    model_id: str
    pairs: list[ScoredPair]
    note: str | None
    """Why there is no attention, if there is none."""
    seconds: dict[str, float]

    @property
    def as_frame(self) -> Any:
        """The predictions as a pandas frame, one row a pair."""
        import pandas as pd

        return pd.DataFrame([vars(pair) for pair in self.pairs])


def score(
    connection: Connection,
    pairs: Iterable[tuple[str, str]],
    *,
    model_id: str | None = None,
    loaded: LoadedModel | None = None,
) -> Scored:
    """Predict the rating of each pair, with attention.

    A movie that the user has rated is predicted as of just before that rating, any other movie now, about a day later.
    A pair (user id, tconst) with an unknown user or movie is impossible, and its row says so.

    Raises:
        ModelRunError: there is no such run, or it does not fit the graph.
    """
    timer = Timer()
    wanted = [(str(user), str(tconst)) for user, tconst in pairs]
    with timer.stage("load"):
        if loaded is None:
            loaded = LoadedModel.load(connection, model_id)
        else:
            loaded.refresh(sorted({user for user, _ in wanted}))
    with timer.stage("predict"):
        rows = [(loaded.user_index(user), loaded.movie_index(tconst)) for user, tconst in wanted]
        known = [(user, movie) for user, movie in rows if user and movie]
        index = np.array(known, np.int32).reshape(-1, 2)
        predictions = loaded.predict_pairs(*index.T)
    scored, predicted = [], iter(range(len(predictions)))
    for (user, tconst), (user_row, movie_row) in zip(wanted, rows, strict=True):
        if user_row and movie_row:
            row = next(predicted)
            title, _ = loaded.title_and_year(tconst)
            rating = float(predictions.rating[row])
            scored.append(ScoredPair(user, tconst, title, rating, *predictions.attention_of(row)))
        else:
            reason = f"the graph has no {'movie ' + tconst if user_row else 'user ' + user}"
            scored.append(ScoredPair(user, tconst, None, None, [], [], True, reason))
    return Scored(loaded.model_id, scored, loaded.note, timer.seconds)
