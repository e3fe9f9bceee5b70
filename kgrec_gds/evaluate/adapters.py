"""The models of the train room, able to answer queries that are no events: for rankings and older histories."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.evaluate.baselines.base import as_queries, on_scale
from kgrec_gds.evaluate.predictors import Predictor
from kgrec_gds.train.attention_lstm import AttentionLstm
from kgrec_gds.train.default import DefaultPredictor
from kgrec_gds.train.fit import as_constants
from kgrec_gds.train.inputs import Inputs, read_inputs
from kgrec_gds.train.sequences import row_arrays
from kgrec_gds.train.settings import Settings, ablated
from kgrec_gds.train.trees import Trees
from kgrec_gds.windows.biases import Queries
from kgrec_gds.windows.dataset import Dataset


def inputs_of(dataset: Dataset, queries: Queries) -> Inputs:
    """What the models read, for queries instead of the log's own events."""
    log = read_inputs(dataset)
    table = log.index.table(queries)
    return replace(log, queries=queries, bias=table.column("bias"), features=table.values)


def network_rating(model: AttentionLstm, dataset: Dataset, inputs: Inputs) -> NDArray[np.float32]:
    """Ratings of the queries of `inputs` by the network alone, shape (queries,)."""
    assert model.fitted is not None  # the harness fits before it asks
    trainer = model.fitted.trainer(dataset, inputs)
    return on_scale(inputs.bias + trainer.predict(np.arange(len(inputs.queries))))


def trees_rating(model: Trees, inputs: Inputs) -> NDArray[np.float32]:
    """Ratings of the queries of `inputs` by the trees alone, shape (queries,)."""
    return on_scale(inputs.bias + model.residual(inputs.features, inputs.feature_names))


class QueriedTrees(Trees):
    """The trees, for any query."""

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted ratings (1-10), shape (queries,)."""
        return trees_rating(self, inputs_of(dataset, queries))


class QueriedNetwork(AttentionLstm):
    """The attention-LSTM, for any query."""

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted ratings (1-10), shape (queries,)."""
        return network_rating(self, dataset, inputs_of(dataset, queries))

    def attend(self, dataset: Dataset, events: NDArray[np.int64], *, steps: int = 30) -> NDArray[np.float32]:
        """Attention of event rows over their last steps, shape (events, steps), the latest last, NaN before."""
        assert self.fitted is not None  # the harness fits before it asks
        asked = inputs_of(dataset, as_queries(dataset.ratings, events))
        trainer = self.fitted.trainer(dataset, asked)
        result = np.full((len(events), steps), np.nan, np.float32)
        for row in range(len(trainer.rows)):
            rows = np.array([row])
            past, queries, number = row_arrays(asked.histories, trainer.rows, rows, asked.queries)
            queries["features"] = trainer.inputs.features[number]
            encoded = self.fitted.network.encode(as_constants(past), trainer.catalogue)
            _, weights = self.fitted.network.score(encoded, as_constants(queries), trainer.catalogue)
            for place in np.flatnonzero(number[0] >= 0):
                seen = int(queries["visible"][0, place])
                kept = np.asarray(weights)[0, place, max(0, seen - steps) : seen]
                result[number[0, place], steps - len(kept) :] = kept
        return result

    @property
    def curves(self) -> list[dict[str, float]]:
        """By epoch of the fit that chose: `epoch`, `train` and `validation` mean squared error."""
        return [{name.removesuffix("_mse"): value for name, value in epoch.items()} for epoch in self.history]


class QueriedDefault(DefaultPredictor):
    """What `train` ships, for any query."""

    def adopt(self, fitted: Mapping[str, Predictor]) -> bool:
        """Take over halves that were just fitted with the same settings, split and seed, instead of fitting again."""
        network, trees = fitted.get("attention_lstm"), fitted.get("trees_graph")
        if not isinstance(network, AttentionLstm) or not isinstance(trees, Trees):
            return False
        if (network.settings, trees.settings) != (self.settings.network, self.settings.trees):
            return False
        self.network, self.trees = network, trees
        return True

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted ratings (1-10), shape (queries,)."""
        inputs = inputs_of(dataset, queries)
        share = self.settings.network_weight
        network = network_rating(self.network, dataset, inputs)
        return (share * network + (1 - share) * trees_rating(self.trees, inputs)).astype(np.float32)


def network(ablation: str | None = None) -> QueriedNetwork:
    """The attention-LSTM, or one with a part taken out; `no_graph` takes out all that comes from the graph."""
    settings = Settings()
    if ablation == "no_graph":
        return QueriedNetwork(
            settings.replace(name="attention_lstm:no_graph", use_vectors=False, use_graph_features=False)
        )
    return QueriedNetwork(ablated(settings, ablation) if ablation else settings)
