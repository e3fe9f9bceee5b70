"""A trained model and its ranking with the data they answer from: choose a run, pull the graph, load the fits."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset, Movies
from kgrec_gds.data.pull import pull, with_history
from kgrec_gds.data.query import Queries
from kgrec_gds.database.connection import Connection
from kgrec_gds.models.base import RatingModel
from kgrec_gds.models.delays import DAY
from kgrec_gds.models.registry import entry
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings, load_model, load_ranker
from kgrec_gds.ranking.ranker import Ranker
from kgrec_gds.serving.model_runs import chosen_run
from kgrec_gds.serving.predictions import Predictions, predict_queries
from kgrec_gds.serving.recommendations import without_attention


@dataclass
class LoadedModel:
    """A fitted model, its ranking and the graph's arrays; load it once to answer many questions.

    It holds the ratings as they were when it was loaded. `refresh` reads the newer ones of the users in question.
    """

    connection: Connection
    run: RunFolder
    dataset: Dataset
    _models: dict[bool, RatingModel] = field(default_factory=dict, repr=False)
    _rankers: dict[bool, tuple[Movies, Ranker]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, connection: Connection, model_id: str | None = None) -> "LoadedModel":
        """Choose a model run, by default the promoted or else the latest, and pull the data that it reads.

        Raises:
            ModelRunError: there is no such run, or it cannot recommend.
        """
        run = chosen_run(connection, model_id)
        return cls(connection, run, pull(connection, RunSettings.read(run).embeddings))

    @property
    def model_id(self) -> str:
        """Id of the model run."""
        return self.run.model_id

    @property
    def note(self) -> str | None:
        """Why its predictions have no attention, if they have none."""
        attends = entry(RunSettings.read(self.run).model).attends
        return None if attends else without_attention(self.model_id)

    @property
    def model(self) -> RatingModel:
        """The model that has not seen the test ratings: the one to predict them.

        Raises:
            ModelRunError: the run is not finished, or does not fit the graph.
        """
        return self._model(on_all=False)

    def model_at(self, at: int) -> RatingModel:
        """The model to predict at a time: fitted on all ratings for now, on those before the test for an earlier time."""
        return self._model(on_all=at >= self.dataset.now)

    def ranker_at(self, at: int) -> Ranker:
        """The ranking at a time, as `model_at`."""
        on_all, movies = at >= self.dataset.now, self.dataset.movies
        known = self._rankers.get(on_all)
        if known is None or known[0] is not movies:  # its rows are those of these movies
            known = self._rankers[on_all] = movies, load_ranker(self.run, self.dataset, on_all=on_all)
        return known[1]

    def _model(self, *, on_all: bool) -> RatingModel:
        if on_all not in self._models:
            self._models[on_all] = load_model(self.run, self.dataset, on_all=on_all)
        return self._models[on_all]

    def refresh(self, users: Sequence[str]) -> None:
        """Read what these users have rated, or un-rated, since the data was pulled."""
        for history in self.connection.run("serving/histories", userIds=list(users)):
            dataset = with_history(self.dataset, history)
            if dataset is None:  # the user rated a movie that is new in the graph
                vectors = self.dataset.vectors
                self.dataset = pull(self.connection, vectors.method if vectors else None)
                return
            self.dataset = dataset

    def user_index(self, user: str) -> int | None:
        """Row of a user; None for an unknown one."""
        found = np.flatnonzero(self.dataset.user_ids == user)
        return int(found[0]) if len(found) and user else None

    def movie_index(self, tconst: str) -> int | None:
        """Row of a movie; None for an unknown one."""
        tconsts = self.dataset.movies.tconst  # sorted
        row = int(np.searchsorted(tconsts, tconst))
        return row if 0 < row < len(tconsts) and tconsts[row] == tconst else None

    def title_and_year(self, tconst: str) -> tuple[str | None, int | None]:
        """Title and year of a movie, as far as the graph knows them."""
        movies, row = self.dataset.movies, self.movie_index(tconst) or 0
        year = movies.year[row]
        return str(movies.title[row]) or None, None if np.isnan(year) else int(year)

    def pair_queries(self, users: NDArray[np.int32], movies: NDArray[np.int32]) -> Queries:
        """Queries about pairs: of a rated movie as of just before that rating, of another now, about a day later."""
        ratings, now = self.dataset.ratings, self.dataset.now
        events = np.flatnonzero(np.isin(ratings.user_index, users))
        pairs = zip(ratings.user_index[events].tolist(), ratings.movie_index[events].tolist(), strict=True)
        rated = dict(zip(pairs, ratings.rated_at[events].tolist(), strict=True))
        times = [rated.get(pair) for pair in zip(users.tolist(), movies.tolist(), strict=True)]
        at = np.array([now + DAY if time is None else time for time in times], np.int64)
        known_until = np.array([now if time is None else time for time in times], np.int64)
        return Queries(users, movies, at, known_until)

    def predict_pairs(self, users: NDArray[np.int32], movies: NDArray[np.int32]) -> Predictions:
        """Predict pairs, a rated movie by the model that has not seen the test ratings."""
        queries, now = self.pair_queries(users, movies), self.dataset.now
        rated = queries.known_until < now
        parts = [
            predict_queries(self.model_at(now if unrated else 0), self.dataset, queries.take(rows))
            for unrated, rows in ((False, np.flatnonzero(rated)), (True, np.flatnonzero(~rated)))
            if len(rows)
        ]
        if not parts:
            return predict_queries(self.model, self.dataset, queries)
        order = np.concatenate([np.flatnonzero(rated), np.flatnonzero(~rated)])
        return Predictions.concatenate(parts).take(np.argsort(order))
