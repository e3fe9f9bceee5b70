"""A trained model with the data it predicts from: choose a run, pull the graph, load the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.pull import pull, with_history
from kgrec_gds.data.query import Queries
from kgrec_gds.database.connection import Connection
from kgrec_gds.models.base import RatingModel
from kgrec_gds.models.delays import DAY
from kgrec_gds.models.registry import entry
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings, load_model
from kgrec_gds.serving.model_runs import chosen_run
from kgrec_gds.serving.predictions import Predictions
from kgrec_gds.serving.recommendations import unknown_user, without_attention
from kgrec_gds.serving.top_k import top_k


@dataclass
class LoadedModel:
    """A fitted model and the graph's arrays; load it once to answer many questions.

    It holds the ratings as they were when it was loaded. `refresh` reads the newer ones of the users in question.
    """

    connection: Connection
    run: RunFolder
    model: RatingModel
    dataset: Dataset

    @classmethod
    def load(cls, connection: Connection, model_id: str | None = None) -> "LoadedModel":
        """Load a model run, by default the promoted or else the latest, and pull the data that it reads.

        Raises:
            ModelRunError: there is no such run, it cannot recommend, or it does not fit the graph.
        """
        run = chosen_run(connection, model_id)
        dataset = pull(connection, RunSettings.read(run).embeddings)
        return cls(connection, run, load_model(run, dataset), dataset)

    @property
    def model_id(self) -> str:
        """Id of the model run."""
        return self.run.model_id

    @property
    def note(self) -> str | None:
        """Why its predictions have no attention, if they have none."""
        attends = entry(RunSettings.read(self.run).model).attends
        return None if attends else without_attention(self.model_id)

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

    def recommend(self, user: str, k: int = 10, candidates: int | None = 500) -> Predictions:
        """The top k unseen movies of one user.

        Raises:
            InputError: there is no such user; `refresh` reads new ones.
        """
        if (index := self.user_index(user)) is None:
            raise unknown_user(user)
        return top_k(self.model, self.dataset, np.array([index], np.int32), k, candidates)
