"""One user's ratings of the whole catalogue at a moment: what belongs to the movies is worked out once for all users."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.features.catalogue import Snapshot
from kgrec_gds.features.table import FeatureTable
from kgrec_gds.models.attention_lstm.committee import Committee
from kgrec_gds.models.attention_lstm.layers import WIDTH_FLOOR
from kgrec_gds.models.attention_lstm.network import Catalogue
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.inputs import pick_columns
from kgrec_gds.models.keras_backend import tf
from kgrec_gds.threads import one_blas_thread


class Columns:
    """Which of a model's columns belong to the user, to the movie, and to both; each by its number for the model.

    Args:
        names: the model's columns.
        snapshot: knows whose they are.
        have: a table's columns.
    """

    def __init__(self, names: tuple[str, ...], snapshot: Snapshot, have: tuple[str, ...]) -> None:
        numbers = np.arange(len(have), dtype=np.float32)[None]
        self._place = pick_columns(numbers, have, names)[0].astype(np.int64)
        kind = np.array([(name in snapshot.of_users) + 2 * (name in snapshot.of_movies) for name in names])
        self.user, self.movie, self.both = (np.flatnonzero(kind == which) for which in (1, 2, 0))

    def take(self, values: NDArray[np.float32], columns: NDArray[np.integer]) -> NDArray[np.float32]:
        """Some of the model's columns from rows of the table: (rows, columns)."""
        return values[:, self._place[columns]]


class FeaturesSaid:
    """What features say to the first layer of each member's head and to its output.

    Both are linear in the encoded features, so what some columns say and what others say adds up: columns that do not
    depend on the user are worked out once. Equal to the network's own way, which tests hold.
    """

    _ROWS = 1_024  # at once: they stay in the processor's cache

    def __init__(self, network: Committee) -> None:
        members = network.members
        edges, scale = _array(network.encode_features.edges), network.standardise
        self.bins = edges.shape[1] - 1
        self.low, self.width = edges[:, :-1], np.maximum(edges[:, 1:] - edges[:, :-1], WIDTH_FLOOR)
        kernels = [_array(member.from_features.kernel) for member in members]
        self.kernel = np.concatenate(kernels, axis=1).reshape(len(edges), self.bins, -1)
        self.mean, self.deviation = _array(scale.mean), _array(scale.deviation)
        self.skip = np.concatenate([_array(member.skip.kernel) for member in members], axis=1)

    def __call__(self, values: NDArray[np.float32], columns: NDArray[np.integer]) -> NDArray[np.float32]:
        """What some columns say, (rows, members, units + 1), from their values (rows, columns)."""
        low, width, kernel = self.low[columns], self.width[columns], self.kernel[columns]
        kernel = kernel.reshape(len(columns) * self.bins, kernel.shape[-1])
        members = self.skip.shape[1]
        said = np.empty((len(values), members, kernel.shape[1] // members + 1), np.float32)
        for begin in range(0, len(values), self._ROWS):
            rows = slice(begin, begin + self._ROWS)
            part = values[rows]
            encoded = part[..., None] - low  # (rows, columns, bins)
            encoded /= width
            np.clip(encoded, 0.0, 1.0, out=encoded)
            said[rows, :, :-1] = (encoded.reshape(len(part), -1) @ kernel).reshape(len(part), members, -1)
            part = np.clip((part - self.mean[columns]) / self.deviation[columns], -4.0, 4.0)
            said[rows, :, -1] = part @ self.skip[columns]
        return said


class WholeCatalogue:
    """A model at a moment, asked for one user after another.

    Args:
        model: the trees, and how both halves are mixed.
        network: the other half.
        catalogue: the movies as the network reads them.
        feature_names: columns that the network reads.
        snapshot: features at the moment.
    """

    def __init__(
        self,
        model: DefaultPredictor,
        network: Committee,
        catalogue: Catalogue,
        feature_names: tuple[str, ...],
        snapshot: Snapshot,
    ) -> None:
        self.model, self.snapshot = model, snapshot
        self._window = network.settings.attention_steps
        self._said = FeaturesSaid(network)
        self._predict = tf.function(
            lambda encoded, queries: network.score(encoded, queries, catalogue),
            reduce_retracing=True,
            autograph=False,
        )
        nobody = snapshot.table(0)
        self._columns = Columns(feature_names, snapshot, nobody.names)
        movie = self._columns.movie
        self._known = self._said(self._columns.take(nobody.values, movie), movie)
        self._movies = np.arange(len(nobody.values), dtype=np.int32)[None]
        self._forest = model.trees.forest()
        if self._forest:
            columns = self._tree_columns = Columns(model.trees.feature_names, snapshot, nobody.names)
            self._user_splits = self._forest.only(columns.user)
            self._both_splits = self._forest.only(columns.both)
            self._movie_masks = self._forest.only(columns.movie).masks(
                columns.take(nobody.values, columns.movie), columns.movie
            )

    def score(self, user: int, encoded: dict[str, Any], visible: int) -> tuple[NDArray[np.float32], Any]:
        """Rate every movie for a user.

        Args:
            user: user index.
            encoded: their history, from the network's `encode`, one row.
            visible: its steps.

        Returns:
            ratings (movies,), the padding row included; attention weights (movies, steps up to the last visible
            one), a tensor.
        """
        with one_blas_thread():
            movies = self._movies[0]
            asked = Queries(np.full_like(movies, user), movies, np.full(len(movies), self.snapshot.now))
            off = self.model.off(self.snapshot.index, asked)
            return self._score(self.snapshot.table(user), off, encoded, visible)

    def _score(
        self, table: FeatureTable, off: NDArray[np.float32], encoded: dict[str, Any], visible: int
    ) -> tuple[NDArray[np.float32], Any]:
        columns = self._columns
        recent, first = latest(encoded, visible, self._window)
        known = self._said(columns.take(table.values, columns.both), columns.both)
        known += self._known
        known += self._said(columns.take(table.values[:1], columns.user), columns.user)
        queries = {
            "movie": tf.constant(self._movies),
            "visible": tf.fill(self._movies.shape, np.int32(visible - first)),
            "at": tf.zeros(self._movies.shape, tf.int32),
            "known": tf.constant(known[None]),
        }
        predicted, weights = self._predict(recent, queries)
        start = table.column("bias") + off
        return self.model.blend(start, predicted[0].numpy(), self.trees(table)), tf.pad(
            weights[0], [[0, 0], [first, 0]]
        )

    def trees(self, table: FeatureTable) -> NDArray[np.float32]:
        """What the trees add to the causal bias, (movies,), from a user's table of the whole catalogue."""
        if not self._forest:
            return self.model.trees.residual(table.values, table.names)
        columns = self._tree_columns
        masks = self._both_splits.masks(columns.take(table.values, columns.both), columns.both)
        masks &= self._movie_masks
        masks &= self._user_splits.masks(columns.take(table.values[:1], columns.user), columns.user)
        return self.model.trees.started(table.values, table.names) + self._forest.totals(masks)


def latest(encoded: dict[str, Any], visible: int, window: int) -> tuple[dict[str, Any], int]:
    """The part of one encoded history that a question at its end reads, and the number of steps before it.

    Attention looks at the last `window` steps only, and of the recurrent states only the last is read.
    """
    first, end = max(visible - window, 0), max(visible, 1)
    return {
        member: {name: part[:, first : end + (name == "states")] for name, part in parts.items()}
        for member, parts in encoded.items()
    }, first


def _array(variable: Any) -> NDArray[np.float32]:
    return np.asarray(variable.numpy())
