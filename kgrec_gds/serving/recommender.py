"""Recommendations: unseen movies for users at a moment, each user's history encoded once for all candidates."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.sequences import lay_out, step_arrays
from kgrec_gds.features.catalogue import Snapshot
from kgrec_gds.models.attention_lstm.trainer import STEPS, as_constants
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.inputs import Inputs, pick_columns, read_inputs
from kgrec_gds.models.keras_backend import tf
from kgrec_gds.serving.candidates import CandidateScores
from kgrec_gds.serving.collect import Collected, attended
from kgrec_gds.serving.predictions import Predictions
from kgrec_gds.serving.whole import WholeCatalogue

#: Candidates scored in one pass, over all its users: bounds the memory.
_PASS = 16_384


class Recommender:
    """A fitted model bound to a data set, its functions traced once; answers for many users, or live for one.

    Args:
        model: fitted.
        dataset: the graph's ratings and movies.
        inputs: what the model reads of it, where that is at hand already.
    """

    def __init__(self, model: DefaultPredictor, dataset: Dataset, inputs: Inputs | None = None) -> None:
        self.model, self.settings = model, model.network.settings
        inputs = inputs or read_inputs(dataset)
        trainer = model.network.bind(dataset, inputs)
        self.feature_names = trainer.inputs.feature_names
        self._network = trainer.network
        self._catalogue = trainer.with_items()
        self._encode = tf.function(self._encode_steps, input_signature=(STEPS,), autograph=False)
        self._score = tf.function(self._score_queries, reduce_retracing=True, autograph=False)
        self.bind(dataset, inputs)

    def with_ratings(self, dataset: Dataset, inputs: Inputs) -> "Recommender":
        """The same for other ratings of the same movies; nothing is traced again."""
        other = copy(self)
        other.bind(dataset, inputs)
        return other

    def bind(self, dataset: Dataset, inputs: Inputs) -> None:
        """Ask about this log from now on."""
        self.dataset, self.inputs = dataset, inputs
        self.user_of = {user: number for number, user in enumerate(dataset.user_ids) if number}
        self._snapshot: Snapshot | None = None
        self._candidates: tuple[int, CandidateScores] | None = None
        self._whole: WholeCatalogue | None = None

    def recommend(
        self,
        users: Sequence[str],
        now: int,
        k: int = 10,
        candidates: int | None = 500,
        watch: Callable[[int], None] | None = None,
    ) -> Predictions:
        """The k best unseen movies of each user.

        Args:
            users: user ids; an unknown one is impossible, and says so.
            now: epoch seconds; only ratings strictly before are used.
            k: recommendations a user.
            candidates: movies preselected by a cheap causal score; None scores all.
            watch: is told how many users are done after each pass.
        """
        collected = Collected()
        known = [user for user in users if user in self.user_of]
        for user in users:
            if user not in self.user_of:
                collected.impossible(user, "", f"the graph has no user {user}")
        if candidates is not None and candidates >= len(self.dataset.movies):
            candidates = None
        at_once = max(_PASS // candidates, 1) if candidates else 1
        for begin in range(0, len(known), at_once):
            part = known[begin : begin + at_once]
            self._recommend(part, now, k, candidates, collected)
            if watch:
                watch(begin + len(part))
        return collected.finish()

    def _recommend(
        self, users: Sequence[str], now: int, k: int, candidates: int | None, collected: Collected
    ) -> None:
        index = np.array([self.user_of[user] for user in users], np.int32)
        if candidates is None:
            movies, rating, weights, steps, visible = self._score_all(int(index[0]), now)
        else:
            chosen = [self.unseen(int(user), now, candidates) for user in index]
            movies = np.zeros((len(users), max(len(found) for found in chosen)), np.int32)
            for row, found in enumerate(chosen):
                movies[row, : len(found)] = found
            rating, weights, steps, visible = self.score(index, movies, now)
        rating = np.where(movies > 0, rating, -np.inf)
        best = np.argsort(-rating, axis=1, kind="stable")[:, :k]
        for row, user in enumerate(users):
            for rank, place in enumerate(best[row], start=1):
                if movies[row, place] == 0:
                    break
                seen = attended(
                    self.dataset.movies.tconst,
                    steps[row],
                    weights[row, place].numpy(),
                    int(visible[row]),
                    self.settings.attention_steps,
                )
                tconst = self.dataset.movies.tconst[movies[row, place]]
                collected.add(user, tconst, float(rating[row, place]), seen, rank)

    def score(
        self, users: NDArray[np.int32], movies: NDArray[np.int32], now: int
    ) -> tuple[NDArray[np.float32], Any, NDArray[np.int32], NDArray[np.int64]]:
        """Score candidates; one encoding a user, and one forward pass whose attention is given back.

        Args:
            users: (b,) user indices.
            movies: (b, c) movie indices, 0 where there is none.
            now: epoch seconds.

        Returns:
            ratings (b, c); attention weights (b, c, s), a tensor; movies of the steps (b, s); visible steps (b,).
        """
        encoded, steps, visible = self._histories(users, now)
        tables = [self.snapshot(now).table(int(user), row) for user, row in zip(users, movies, strict=True)]
        names, values = tables[0].names, np.concatenate([table.values for table in tables])
        bias = values[:, names.index("bias")]
        features = pick_columns(values, names, self.feature_names)
        queries = {
            "movie": movies,
            "visible": np.repeat(visible[:, None], movies.shape[1], axis=1).astype(np.int32),
            "at": np.zeros(movies.shape, np.int32),
            "features": features.reshape(*movies.shape, -1),
        }
        predicted, weights = self._score(encoded, as_constants(queries))
        asked = Queries(np.repeat(users, movies.shape[1]), movies.ravel(), np.full(movies.size, now))
        start = bias + self.model.off(self.inputs.index, asked)
        rating = self.model.mix(start, predicted.numpy().ravel(), values, names).reshape(movies.shape)
        return rating, weights, steps, visible

    def _score_all(
        self, user: int, now: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], Any, NDArray[np.int32], NDArray[np.int64]]:
        """As `score` for one user and every movie, those rated already being no movie."""
        encoded, steps, visible = self._histories(np.array([user], np.int32), now)
        rating, weights = self.whole(now).score(user, encoded, int(visible[0]))
        movies = np.zeros((1, len(rating)), np.int32)
        unseen = self.unseen(user, now, None)
        movies[0, unseen] = unseen
        return movies, rating[None], weights[None], steps, visible

    def _histories(
        self, users: NDArray[np.int32], now: int
    ) -> tuple[dict[str, Any], NDArray[np.int32], NDArray[np.int64]]:
        """Encoded histories, movies of their steps (b, s), visible steps (b,)."""
        first = Queries.at_moment(users, now)
        rows = lay_out(self.inputs.histories, first, self.settings.chunk, self.settings.burn_in)
        order = np.argsort(rows.query)  # one query a user, so rows and users agree up to order
        begin, end = rows.begin[order], rows.end[order]
        steps = step_arrays(self.inputs.histories, begin, end)
        steps["at"] = np.where(steps["position"] >= 0, steps["at"] - now, 0).astype(np.int32)
        return self._encode(as_constants(steps)), steps["movie"], end - begin

    def unseen(self, user: int, now: int, candidates: int | None) -> NDArray[np.int32]:
        """Candidate movies of a user: not yet rated by them, all or the best by a cheap causal score."""
        histories = self.inputs.histories
        asked = Queries.at_moment(np.array([user], np.int32), now)
        begin, end = int(histories.starts(asked.user_index)[0]), int(histories.ends(asked)[0])
        free = np.ones(len(self.dataset.movies), bool)
        free[0] = False
        free[histories.movie[begin:end]] = False
        if candidates is None or candidates >= free.sum():
            return np.flatnonzero(free).astype(np.int32)
        if self._candidates is None or self._candidates[0] != now:
            self._candidates = (now, CandidateScores.at(self.dataset, self.inputs, now))
        score = np.where(free, self._candidates[1].of(histories, begin, end), -np.inf)
        best = np.argpartition(-score, candidates)[:candidates]
        return np.sort(best).astype(np.int32)

    def whole(self, now: int) -> WholeCatalogue:
        """The model over the whole catalogue at a moment; kept until another moment is asked for."""
        if self._whole is None or self._whole.snapshot.now != now:
            self._whole = WholeCatalogue(
                self.model, self._network, self._catalogue, self.feature_names, self.snapshot(now)
            )
        return self._whole

    def snapshot(self, now: int) -> Snapshot:
        """The movies' side of the features at a moment; kept until another moment is asked for."""
        if self._snapshot is None or self._snapshot.now != now:
            self._snapshot = Snapshot(self.inputs.index, now)
        return self._snapshot

    def _encode_steps(self, steps: dict[str, Any]) -> dict[str, Any]:
        return self._network.encode(steps, self._catalogue)

    def _score_queries(self, encoded: dict[str, Any], queries: dict[str, Any]) -> Any:
        return self._network.score(encoded, queries, self._catalogue)
