"""Recommend to users: the ranking chooses the movies, the model predicts their ratings."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.query import Queries
from kgrec_gds.models.delays import DAY
from kgrec_gds.ranking.filters import Filters, allowed_movies
from kgrec_gds.ranking.top_lists import ListOptions, RankedList, top_lists
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.predictions import Predictions, ScoreParts, predict_queries
from kgrec_gds.serving.recommendations import Order, no_movie_left


@dataclass(frozen=True)
class RecommendOptions:
    """What to recommend; the defaults are what `predict` writes."""

    lists: ListOptions = field(default_factory=ListOptions)
    filters: Filters = field(default_factory=Filters)
    order: Order = "relevance"
    """By ranking score, or by predicted rating."""
    as_of: int | None = None
    """Recommend as of this time (epoch seconds, UTC), with the ratings before it; now where None."""


def recommend_users(
    loaded: LoadedModel, users: NDArray[np.int32], options: RecommendOptions | None = None
) -> Predictions:
    """The top k movies of each user (0 for a user without history), with ratings, reasons and attention.

    Raises:
        InputError: a genre that no movie has, or no movie is left.
    """
    options = options or RecommendOptions()
    dataset = loaded.dataset
    at = min(options.as_of if options.as_of is not None else dataset.now, dataset.now)
    allowed = allowed_movies(dataset, options.filters, at)
    if allowed is not None and not allowed.any():
        raise no_movie_left()
    if options.order == "rating":
        lists = [_by_rating(loaded, user, at, options, allowed) for user in users.tolist()]
    else:
        lists = list(top_lists(loaded.ranker_at(at), dataset, users, at, options.lists, allowed))
    counts = [len(found.movie_index) for found in lists]
    if not sum(counts):
        return predict_queries(loaded.model_at(at), dataset, Queries.at_time(users[:0], users[:0], at))
    movies = np.concatenate([found.movie_index for found in lists]).astype(np.int32)
    queries = Queries.at_time(np.repeat(users, counts).astype(np.int32), movies, at, DAY)
    predicted = predict_queries(loaded.model_at(at), dataset, queries)
    parts = np.full(len(movies), None, object)
    parts[:] = [ScoreParts.of(why, dataset) for found in lists for why in found.reasons]
    return replace(
        predicted,
        rank=np.concatenate([np.arange(1, count + 1, dtype=np.int32) for count in counts]),
        score=np.concatenate([found.score for found in lists]),
        parts=parts,
    )


def _by_rating(
    loaded: LoadedModel, user: int, at: int, options: RecommendOptions, allowed: NDArray[np.bool_] | None
) -> RankedList:
    """A user's unrated movies with the highest predicted ratings, with their ranking scores and reasons."""
    dataset = loaded.dataset
    free = np.ones(len(dataset.movies), bool) if allowed is None else allowed.copy()
    before = dataset.ratings.rated_at < at
    free[dataset.ratings.movie_index[before & (dataset.ratings.user_index == user)]] = free[0] = False
    movies = np.flatnonzero(free).astype(np.int32)
    queries = Queries.at_time(np.full(len(movies), user, np.int32), movies, at, DAY)
    rating = loaded.model_at(at).predict(dataset, queries)
    best = movies[np.argsort(-rating, kind="stable")[: options.lists.k]]
    chosen = np.zeros(len(dataset.movies), bool)
    chosen[best] = True
    (scored,) = top_lists(
        loaded.ranker_at(at), dataset, np.array([user], np.int32), at, ListOptions(k=len(best)), chosen
    )
    place = {movie: row for row, movie in enumerate(scored.movie_index.tolist())}
    order = [place[movie] for movie in best.tolist()]
    why = [scored.reasons[row] for row in order]
    return RankedList(user, scored.movie_index[order], scored.score[order], why)
