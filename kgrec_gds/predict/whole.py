"""One user's ratings of the whole catalogue at a moment: what belongs to the movies is worked out once for all users."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.predict.forest import Forest
from kgrec_gds.train.backend import tf
from kgrec_gds.train.default import DefaultPredictor
from kgrec_gds.train.inputs import pick_columns
from kgrec_gds.train.layers import WIDTH_FLOOR
from kgrec_gds.train.network import AttentionNetwork, Catalogue
from kgrec_gds.windows.features import FeatureTable
from kgrec_gds.windows.snapshot import Snapshot


class Columns:
    """Which of a model's columns belong to the user, to the movie, and to both; each by its number."""

    def __init__(self, names: tuple[str, ...], snapshot: Snapshot) -> None:
        kind = np.array([(name in snapshot.of_users) + 2 * (name in snapshot.of_movies) for name in names])
        self.user, self.movie, self.both = (np.flatnonzero(kind == which) for which in (1, 2, 0))


class FeaturesSaid:
    """What features say to the first layer of the network's head and to its output.

    Both are linear in the encoded features, so what some columns say and what others say adds up: columns that do not
    depend on the user are worked out once. Equal to the network's own way, which tests hold.
    """

    _ROWS = 1_024  # at once: they stay in the processor's cache

    def __init__(self, network: AttentionNetwork) -> None:
        edges, scale = np.array(network.encode_features.edges), network.standardise
        self.bins = edges.shape[1] - 1
        self.low, self.width = edges[:, :-1], np.maximum(edges[:, 1:] - edges[:, :-1], WIDTH_FLOOR)
        kernel = np.array(network.head[0].kernel)
        self.kernel = kernel[len(kernel) - self.low.size :].reshape(len(edges), self.bins, -1)
        self.mean, self.deviation = np.array(scale.mean), np.array(scale.deviation)
        self.skip = np.array(network.skip.kernel)

    def __call__(self, values: NDArray[np.float32], columns: NDArray[np.integer]) -> NDArray[np.float32]:
        """From all columns of some rows, what the chosen ones say: (rows, units + 1)."""
        low, width, kernel = self.low[columns], self.width[columns], self.kernel[columns]
        kernel = kernel.reshape(len(columns) * self.bins, -1)
        said = np.empty((len(values), kernel.shape[1] + 1), np.float32)
        for begin in range(0, len(values), self._ROWS):
            rows = slice(begin, begin + self._ROWS)
            part = values[rows][:, columns]
            encoded = part[..., None] - low  # (rows, columns, bins)
            encoded /= width
            np.clip(encoded, 0.0, 1.0, out=encoded)
            said[rows, :-1] = encoded.reshape(len(part), -1) @ kernel
            part = np.clip((part - self.mean[columns]) / self.deviation[columns], -4.0, 4.0)
            said[rows, -1:] = part @ self.skip[columns]
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
        network: AttentionNetwork,
        catalogue: Catalogue,
        feature_names: tuple[str, ...],
        snapshot: Snapshot,
    ) -> None:
        self.model, self.snapshot, self.feature_names = model, snapshot, feature_names
        self._columns = Columns(feature_names, snapshot)
        self._said = FeaturesSaid(network)
        self._predict = tf.function(
            lambda encoded, queries: network.score(encoded, queries, catalogue),
            reduce_retracing=True,
            autograph=False,
        )
        nobody = snapshot.table(0)
        self._known = self._said(self._read(nobody), self._columns.movie)
        self._movies = np.arange(len(nobody.values), dtype=np.int32)[None]
        self._forest = Forest.of(model.trees.model)
        if self._forest:
            columns = Columns(model.trees.feature_names, snapshot)
            self._tree_columns = columns
            self._user_splits = self._forest.only(columns.user)
            self._both_splits = self._forest.only(columns.both)
            values = pick_columns(nobody.values, nobody.names, model.trees.feature_names)
            self._movie_masks = self._forest.only(columns.movie).masks(np.ascontiguousarray(values.T))

    def score(self, user: int, encoded: dict[str, Any], visible: int) -> tuple[NDArray[np.float32], Any]:
        """Rate every movie for a user.

        Args:
            user: user index.
            encoded: their history, from the network's `encode`, one row.
            visible: its steps.

        Returns:
            ratings (movies,), the padding row included; attention weights (movies, steps), a tensor.
        """
        table = self.snapshot.table(user)
        values = self._read(table)
        known = self._said(values, self._columns.both)
        known += self._known + self._said(values[:1], self._columns.user)
        queries = {
            "movie": tf.constant(self._movies),
            "visible": tf.fill(self._movies.shape, np.int32(visible)),
            "at": tf.zeros(self._movies.shape, tf.int32),
            "known": tf.constant(known[None]),
        }
        predicted, weights = self._predict(encoded, queries)
        bias = table.column("bias")
        return self.model.blend(bias, predicted[0].numpy(), self._trees(table)), weights[0]

    def _read(self, table: FeatureTable) -> NDArray[np.float32]:
        return pick_columns(table.values, table.names, self.feature_names)

    def _trees(self, table: FeatureTable) -> NDArray[np.float32]:
        if not self._forest:
            return self.model.trees.residual(table.values, table.names)
        values = pick_columns(table.values, table.names, self.model.trees.feature_names)
        masks = self._both_splits.masks(_column_major(values, self._tree_columns.both))
        masks &= self._movie_masks
        masks &= self._user_splits.masks_of_one(values[0])
        return self._forest.totals(masks)


def _column_major(values: NDArray[np.float32], columns: NDArray[np.integer]) -> NDArray[np.float32]:
    """(rows, columns) as (columns, rows); columns that are not asked for stay empty."""
    result = np.empty((values.shape[1], values.shape[0]), np.float32)
    result[columns] = values[:, columns].T
    return result
