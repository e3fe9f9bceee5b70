"""A loaded model that answers for one user after another, with their history pulled at each question."""

import time

import numpy as np

from kgrec_gds.graph import Graph
from kgrec_gds.predict.predictions import Predictions
from kgrec_gds.predict.recommend import Recommender
from kgrec_gds.recommend.result import Attended, Recommendation, Recommendations
from kgrec_gds.train.default import DefaultPredictor
from kgrec_gds.train.run import RunSettings
from kgrec_gds.windows.moment import moment
from kgrec_gds.windows.pull import pull
from kgrec_gds.write.models import chosen_run

_MOST_ATTENDED = 3


class LiveRecommender:
    """A model run bound to the graph as it stands."""

    def __init__(self, model_id: str, recommender: Recommender, *, candidates: int | None = 500) -> None:
        self.model_id = model_id
        self.recommender = recommender
        self.candidates = candidates

    @classmethod
    def load(
        cls, graph: Graph, model_id: str | None = None, *, candidates: int | None = 500
    ) -> "LiveRecommender":
        """Load a model run and the graph's ratings.

        Raises:
            ModelRunError: there is no such run, or it does not fit the graph.
        """
        run = chosen_run(graph, model_id)
        settings = RunSettings.from_dict(run.read("settings"))
        dataset = pull(graph, settings.embeddings)
        return cls(run.model_id, Recommender(DefaultPredictor.load(run), dataset), candidates=candidates)

    def recommend(self, user: str, k: int = 10) -> Recommendations:
        """The k best unseen movies of a user, from all ratings up to now."""
        predictions = self.recommender.recommend([user], moment(self.recommender.dataset), k, self.candidates)
        rows = [
            self._row(predictions, i) for i in range(len(predictions)) if not predictions.was_impossible[i]
        ]
        return Recommendations(user, "model", self.model_id, int(time.time()), rows, {})

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
