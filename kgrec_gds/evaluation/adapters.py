"""The models of the train room, able to answer queries that are no events: for rankings and older histories."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.sequences import lay_out, step_arrays
from kgrec_gds.data.splits import Split
from kgrec_gds.evaluation.predictors import Predictor
from kgrec_gds.features.table import FeatureIndex
from kgrec_gds.models.attention_lstm.hyperparameters import Settings, ablated
from kgrec_gds.models.attention_lstm.model import AttentionLstm, FittedNetwork
from kgrec_gds.models.attention_lstm.network import Catalogue
from kgrec_gds.models.attention_lstm.trainer import STEPS, Trainer, as_constants
from kgrec_gds.models.baselines.base import as_queries, on_scale
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.inputs import Inputs, read_inputs, read_queries
from kgrec_gds.models.keras_backend import tf
from kgrec_gds.models.own_errors import OwnErrors, OwnErrorSettings, fitted_until
from kgrec_gds.models.paper import PaperLstm
from kgrec_gds.models.trees import Trees
from kgrec_gds.serving.whole import FeaturesSaid

#: With more queries than this at one user's moment, the history is encoded once for all of them.
_MANY = 256


class QueriedTrees(Trees):
    """The trees, for any query."""

    def adopt(self, fitted: Mapping[str, Predictor]) -> None:
        """Take over the boosting of the trees that have no second one."""
        if isinstance(single := fitted.get("trees_graph"), Trees):
            self.take_over(single)

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted ratings (1-10), shape (queries,)."""
        asked = read_queries(dataset, queries)
        return self.ratings(asked.bias, asked.features, asked.feature_names)


class QueriedNetwork(AttentionLstm):
    """The attention-LSTM as a model of its own, for any query: moved by its own errors so far."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._own: OwnErrors | None = None
        self._until: dict[str, int] = {}

    def fit(
        self, dataset: Dataset, split: Split, seed: int, *, warm: FittedNetwork | None = None
    ) -> "QueriedNetwork":
        """As the attention-LSTM."""
        super().fit(dataset, split, seed, warm=warm)
        self._own, self._until = None, fitted_until(dataset, np.union1d(split.train, split.validation))
        return self

    def predict(self, dataset: Dataset, events: NDArray[np.integer]) -> NDArray[np.float32]:
        """Ratings (1-10) of event rows, each from the ratings strictly before it."""
        log = read_inputs(dataset)
        start = log.bias[events] + self._off(log.index, log.queries.take(events))
        return on_scale(start + self.trainer(dataset).predict(events))

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted ratings (1-10), shape (queries,)."""
        asked = read_queries(dataset, queries)
        start = asked.bias + self._off(asked.index, queries)
        return on_scale(start + residuals(self, dataset, asked))

    def of_events(self, index: FeatureIndex, rows: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """Ratings (1-10) before its own errors move them, see `own_errors.Erring`."""
        every = np.arange(len(index.dataset.ratings)) if rows is None else rows
        return super().predict(index.dataset, every)

    def _off(self, index: FeatureIndex, queries: Queries) -> NDArray[np.float32]:
        if self._own is None or self._own.index is not index:
            self._own = OwnErrors(self, index, OwnErrorSettings(), self._until)
        return self._own.before(queries)

    def attend(self, dataset: Dataset, events: NDArray[np.int64], *, steps: int = 30) -> NDArray[np.float32]:
        """Attention of event rows over their last steps, shape (events, steps), the latest last, NaN before."""
        trainer = self.bind(dataset, read_queries(dataset, as_queries(dataset.ratings, events)))
        result = np.full((len(events), steps), np.nan, np.float32)
        for number, _, _, weights in trainer.passes(np.arange(len(events))):
            for row, place in zip(*np.nonzero(number >= 0), strict=True):
                query = number[row, place]
                seen = int(trainer.rows.visible[query])
                kept = weights.numpy()[row, place, max(0, seen - steps) : seen]
                result[query, steps - len(kept) :] = kept
        return result

    @property
    def curves(self) -> list[dict[str, float]]:
        """By epoch of the fit that chose: `epoch`, `train` and `validation` mean squared error."""
        return curves_of(self.history)


class NetworkOnOtherVectors(QueriedNetwork):
    """The attention-LSTM on the vectors of another method than the one that the other models read."""

    def __init__(self, method: str) -> None:
        super().__init__(Settings(name=f"attention_lstm:{method}"))
        self.method = method
        self._swapped: tuple[Dataset, Dataset] | None = None

    def fit(
        self, dataset: Dataset, split: Split, seed: int, *, warm: FittedNetwork | None = None
    ) -> "NetworkOnOtherVectors":
        """As the network, on the method's vectors."""
        super().fit(self._swap(dataset), split, seed, warm=warm)
        return self

    def predict(self, dataset: Dataset, events: NDArray[np.integer]) -> NDArray[np.float32]:
        """As the network, on the method's vectors."""
        return super().predict(self._swap(dataset), events)

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """As the network, on the method's vectors."""
        return super().predict_queries(self._swap(dataset), queries)

    def _swap(self, dataset: Dataset) -> Dataset:
        # One object for all calls: inputs are kept by the data set's identity.
        if self._swapped is None or self._swapped[0] is not dataset:
            self._swapped = (dataset, dataset.reading(self.method))
        return self._swapped[1]


class QueriedDefault(DefaultPredictor):
    """What `train` ships, for any query."""

    def adopt(self, fitted: Mapping[str, Predictor]) -> None:
        """Take over a half that was just fitted with the same settings, split and seed; `fit` leaves it as it is, and works on a copy."""
        network, trees = fitted.get(self.alone.name), fitted.get(self.trees.name)
        if isinstance(network, AttentionLstm) and network.settings == self.settings.network:
            self.alone = network
        if isinstance(trees, Trees) and trees.settings == self.settings.trees:
            self.trees = trees

    def fit_halves(
        self, dataset: Dataset, split: Split, seed: int, *, warm: FittedNetwork | None = None
    ) -> None:
        """Fit the halves that are not fitted yet."""
        if self.alone.fitted is None:
            self.alone.fit(dataset, split, seed, warm=warm)
        if not self.trees.boosted:
            self.trees.fit(dataset, split, seed)

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted ratings (1-10), shape (queries,)."""
        asked = read_queries(dataset, queries)
        learned = residuals(self.network, dataset, asked)
        return self.mix(self.start(asked), learned, asked.features, asked.feature_names)


class PublishedNetwork(PaperLstm):
    """The published attention-LSTM on the published features, for events only."""

    @property
    def curves(self) -> list[dict[str, float]]:
        """By epoch: `epoch`, `train` and `validation` mean squared error."""
        return curves_of(self.history)


def curves_of(history: list[dict[str, float]]) -> list[dict[str, float]]:
    """The train room's history by our names."""
    return [{name.removesuffix("_mse"): value for name, value in epoch.items()} for epoch in history]


def network(ablation: str | None = None) -> QueriedNetwork:
    """The attention-LSTM, or one with a part taken out."""
    settings = Settings()
    return QueriedNetwork(ablated(settings, ablation) if ablation else settings)


def residuals(model: AttentionLstm, dataset: Dataset, asked: Inputs) -> NDArray[np.float32]:
    """What the network adds to the causal bias of each query, shape (queries,)."""
    trainer = model.bind(dataset, asked)
    users, at = asked.queries.user_index, asked.queries.at
    moments, which = np.unique(np.stack([users, at]), axis=1, return_inverse=True)
    if len(users) < _MANY * moments.shape[1]:
        return trainer.predict(np.arange(len(users)))
    network, catalogue = trainer.network, trainer.with_items()
    said = FeaturesSaid(network)
    encode = tf.function(
        lambda steps: network.encode(steps, catalogue), input_signature=(STEPS,), autograph=False
    )
    learned = np.zeros(len(users), np.float32)
    for moment in range(moments.shape[1]):
        rows = np.flatnonzero(which == moment)
        values = trainer.inputs.features[rows]
        alike = (values == values[0]).all(axis=0)  # of the user alone, whatever the movie
        own, others = np.flatnonzero(alike), np.flatnonzero(~alike)
        known = said(values[:, others], others) + said(values[:1, own], own)
        learned[rows] = _at_one_moment(trainer, encode, catalogue, rows, known)
    return learned


def _at_one_moment(
    trainer: Trainer,
    encode: Any,
    catalogue: Catalogue,
    rows: NDArray[np.int64],
    known: NDArray[np.float32],
) -> NDArray[np.float32]:
    # The same steps that `lay_out` gives each query by itself: the context depends on the history's length alone.
    asked, settings = trainer.inputs.queries, trainer.settings
    first = asked.take(rows[:1])
    laid = lay_out(trainer.inputs.histories, first, settings.chunk, settings.burn_in)
    steps = step_arrays(trainer.inputs.histories, laid.begin, laid.end)  # (1, steps)
    steps["at"] = np.where(steps["position"] >= 0, steps["at"] - first.at, 0).astype(np.int32)
    queries = {
        "movie": asked.movie_index[rows][None].astype(np.int32),
        "visible": np.full((1, len(rows)), laid.visible[0], np.int32),
        "at": np.zeros((1, len(rows)), np.int32),
        "known": known[None],
    }
    predicted, _ = trainer.network.score(encode(as_constants(steps)), as_constants(queries), catalogue)
    return np.asarray(predicted)[0]
