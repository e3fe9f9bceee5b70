"""A loaded model that answers for one user after another, with their history pulled at each question."""

import time

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.pull import pull, with_history
from kgrec_gds.database.connection import Connection
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.inputs import read_history
from kgrec_gds.models.training import RunSettings
from kgrec_gds.progress import Timer
from kgrec_gds.serving.model_runs import chosen_run
from kgrec_gds.serving.predictions import Predictions
from kgrec_gds.serving.recommendations import Attended, Recommendation, Recommendations
from kgrec_gds.serving.recommender import Recommender

_MOST_ATTENDED = 3


class LiveRecommender:
    """A model run bound to the graph; what a user has rated since it was loaded is seen at their next question.

    Other users' new ratings are seen from the next user on who has any, and by all once loaded again.
    """

    def __init__(
        self,
        graph: Connection,
        model_id: str,
        model: DefaultPredictor,
        dataset: Dataset,
        *,
        candidates: int | None = 500,
    ) -> None:
        self.graph, self.model_id, self.candidates = graph, model_id, candidates
        self.recommender = Recommender(model, dataset, read_history(dataset))

    @classmethod
    def load(
        cls, graph: Connection, model_id: str | None = None, *, candidates: int | None = 500
    ) -> "LiveRecommender":
        """Load a model run and the graph's ratings.

        Raises:
            ModelRunError: there is no such run, or it does not fit the graph.
        """
        run = chosen_run(graph, model_id)
        dataset = pull(graph, RunSettings.read(run).embeddings)
        model = DefaultPredictor.load_for(run, dataset)
        return cls(graph, run.model_id, model, dataset, candidates=candidates)

    def recommend(self, user: str, k: int = 10) -> Recommendations:
        """The k best unseen movies of a user, from all their ratings up to now."""
        timer = Timer()
        with timer.stage("history"):
            self._see(user)
        with timer.stage("score"):
            now = self.recommender.dataset.now
            predictions = self.recommender.recommend([user], now, k, self.candidates)
        with timer.stage("titles"):
            rows = [
                self._row(predictions, i)
                for i in range(len(predictions))
                if not predictions.was_impossible[i]
            ]
        return Recommendations(user, "model", self.model_id, int(time.time()), rows, timer.seconds)

    def _see(self, user: str) -> None:
        """Take in what the user has rated or unrated since."""
        history = self.graph.one("serving/history", userId=user)
        before = self.recommender.dataset
        dataset = with_history(before, user, history)
        if dataset is None:  # a movie that was not there yet
            method = before.vectors.method if before.vectors else None
            dataset = pull(self.graph, method)
            self.recommender = Recommender(self.recommender.model, dataset, read_history(dataset))
        elif dataset is not before:
            self.recommender = self.recommender.with_ratings(dataset, read_history(dataset))

    def _row(self, predictions: Predictions, i: int) -> Recommendation:
        movies = self.recommender.dataset.movies
        number = self._number(predictions.tconsts[i])
        weights = predictions.attention_weights[i]
        most = np.argsort(-weights, kind="stable")[:_MOST_ATTENDED]
        attended = [predictions.attention_movies[i][place] for place in most]
        year = movies.year[number]
        return Recommendation(
            rank=int(predictions.rank[i]),
            tconst=predictions.tconsts[i],
            title=str(movies.title[number]),
            year=None if np.isnan(year) else int(year),
            predicted_rating=float(predictions.rating[i]),
            attention=[
                Attended(tconst, str(movies.title[self._number(tconst)]), float(weights[place]))
                for tconst, place in zip(attended, most, strict=True)
            ],
        )

    def _number(self, tconst: str) -> int:
        # The catalogue is in the order of its keys, behind the padding row.
        return int(np.searchsorted(self.recommender.dataset.movies.tconst, tconst))
