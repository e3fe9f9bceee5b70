"""All that `predict` writes: the test's events and the recommendations, as one table."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.predict.events import predict_events
from kgrec_gds.predict.predictions import Predictions
from kgrec_gds.predict.recommend import Recommender
from kgrec_gds.train.default import DefaultPredictor
from kgrec_gds.train.progress_state import Watch
from kgrec_gds.windows.dataset import Dataset


def end_of_log(dataset: Dataset) -> int:
    """The moment after the last rating: recommendations made "now", and the same however often they are made."""
    return int(dataset.ratings.rated_at[-1]) + 1 if len(dataset.ratings) else 0


def users_of(dataset: Dataset, events: NDArray[np.integer]) -> list[str]:
    """Ids of the users who have one of these events, each once."""
    return list(dataset.user_ids[np.unique(dataset.ratings.user_index[events])])


def predict_everything(
    model: DefaultPredictor,
    dataset: Dataset,
    events: NDArray[np.integer],
    users: Sequence[str],
    *,
    k: int = 10,
    candidates: int | None = 500,
    now: int | None = None,
    watch: Watch | None = None,
) -> Predictions:
    """Predictions of events, and the k best unseen movies of users.

    Args:
        model: fitted.
        dataset: ratings and movies.
        events: event rows, each predicted from the ratings strictly before it.
        users: user ids to recommend to.
        k: recommendations a user, 0 for none.
        candidates: movies preselected a user, None for all.
        now: epoch seconds of the recommendations; by default the end of the log.
        watch: is told of the progress.
    """
    parts = [predict_events(model, dataset, events)]
    if k and len(users):
        moment = end_of_log(dataset) if now is None else now

        def told(done: int) -> None:
            if watch:
                watch("recommending", done, len(users))

        recommender = Recommender(model, dataset)
        parts.append(recommender.recommend(users, moment, k=k, candidates=candidates, watch=told))
    return joined(parts)


def joined(parts: Sequence[Predictions]) -> Predictions:
    """Several tables as one."""
    return Predictions(
        user_ids=[value for part in parts for value in part.user_ids],
        tconsts=[value for part in parts for value in part.tconsts],
        rating=np.concatenate([part.rating for part in parts]),
        rank=np.concatenate([part.rank for part in parts]),
        attention_movies=[value for part in parts for value in part.attention_movies],
        attention_weights=[value for part in parts for value in part.attention_weights],
        was_impossible=np.concatenate([part.was_impossible for part in parts]),
        reasons=[value for part in parts for value in part.reasons],
    )
