"""What averages, history, attention and graph contribute to a prediction: predict again without each. No database."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset, Relation, Vectors
from kgrec_gds.data.query import Queries
from kgrec_gds.explanations.explanation import Contributions
from kgrec_gds.models.base import Attention, RatingModel

_MOST_ATTENDED = 3


def contributions(
    model: RatingModel, dataset: Dataset, query: Queries, rating: float, attention: Attention | None
) -> Contributions:
    """Contributions to the prediction of one query, which is `rating` with this attention."""
    user = int(query.user_index[0])
    newcomer = without_ratings(dataset, np.flatnonzero(dataset.ratings.user_index == user))
    averages = float(model.baseline(dataset, query)[0])
    # Without ratings the baseline estimate changes too; that part belongs to `averages`.
    history = rating - averages - _predict(model, newcomer, query) + float(model.baseline(newcomer, query)[0])
    attended = None
    if attention is not None:
        events = attended_events(dataset, query, attention)[:_MOST_ATTENDED]
        attended = rating - _predict(model, without_ratings(dataset, events), query)
    graph = rating - _predict(model, without_graph(dataset), query)
    return Contributions(averages, history, attended, graph)


def _predict(model: RatingModel, dataset: Dataset, query: Queries) -> float:
    return float(model.predict(dataset, query)[0])


def attended_events(dataset: Dataset, query: Queries, attention: Attention) -> NDArray[np.int64]:
    """Rows of the ratings that one prediction attends to, by weight, the largest first."""
    movies, weights = attention.movie_index[0], attention.weights[0]
    order = np.argsort(-weights, kind="stable")
    theirs = np.flatnonzero(dataset.ratings.user_index == query.user_index[0])
    row = dict(zip(dataset.ratings.movie_index[theirs].tolist(), theirs.tolist(), strict=True))
    return np.array([row[movie] for movie in movies[order].tolist() if movie], np.int64)


def without_ratings(dataset: Dataset, events: NDArray[np.int64]) -> Dataset:
    """The data set without some ratings; their users stay."""
    kept = np.ones(len(dataset.ratings), bool)
    kept[events] = False
    return replace(dataset, ratings=dataset.ratings.take(kept))


def without_graph(dataset: Dataset) -> Dataset:
    """The data set in which no movie has people or genres, and every vector is zero, which stands for none."""
    facts = {
        name: Relation(relation.keys, np.zeros_like(relation.indptr), relation.indices[:0])
        for name, relation in dataset.movies.relations.items()
    }
    vectors = dataset.vectors
    if vectors is not None:
        entities = {name: np.zeros_like(rows) for name, rows in vectors.entities.items()}
        vectors = Vectors(vectors.method, np.zeros_like(vectors.movies), entities)
    return replace(dataset, movies=replace(dataset.movies, relations=facts), vectors=vectors)
