"""A loaded model with the graph's arrays, to explain one prediction after another."""

from dataclasses import dataclass

import numpy as np

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.pull import pull
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.explanations.contributions import Scores, contributions, score
from kgrec_gds.explanations.explanation import Contributions
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.training import RunSettings
from kgrec_gds.serving.model_runs import chosen_run


@dataclass(frozen=True)
class Scorer:
    """A model run bound to the graph as it stood when loaded."""

    model_id: str
    model: DefaultPredictor
    dataset: Dataset

    @classmethod
    def load(cls, graph: Connection, model_id: str | None = None) -> "Scorer":
        """Load a model run and the graph's ratings, facts and vectors.

        Raises:
            ModelRunError: there is no such run, or it does not fit the graph.
        """
        run = chosen_run(graph, model_id)
        dataset = pull(graph, RunSettings.read(run).embeddings)
        return cls(run.model_id, DefaultPredictor.load_for(run, dataset), dataset)

    def query(self, user: str, tconst: str, at: int | None = None) -> Queries:
        """A user and a movie at a moment, the end of the log by default.

        Raises:
            InputError: the arrays hold no such movie.
        """
        users = np.flatnonzero(self.dataset.user_ids == user)
        movies = np.flatnonzero(self.dataset.movies.tconst == tconst)
        if not len(movies):
            raise InputError(f"The graph had no movie {tconst!r} when the model was loaded; load it again.")
        # A user without a rating is nobody to the arrays: row 0, which has no history either.
        number = int(users[0]) if len(users) else 0
        moment_ = self.dataset.now if at is None else at
        return Queries(np.array([number], np.int32), movies[:1].astype(np.int32), np.array([moment_]))

    def score(self, query: Queries) -> Scores:
        """Rating and attention."""
        return score(self.model, self.dataset, query)

    def contributions(self, query: Queries, whole: Scores) -> Contributions:
        """What averages, history and graph are worth."""
        return contributions(self.model, self.dataset, query, whole)
