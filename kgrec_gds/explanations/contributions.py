"""What a prediction owes to averages, history and graph: score again with each left out. No database."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset, Facts, Vectors
from kgrec_gds.data.sequences import Histories, lay_out, row_arrays
from kgrec_gds.errors import ModelRunError
from kgrec_gds.explanations.explanation import Contributions
from kgrec_gds.features.table import FeatureIndex, FeatureSettings
from kgrec_gds.models.attention_lstm.trainer import as_constants
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.inputs import Inputs
from kgrec_gds.serving.collect import attended


@dataclass(frozen=True)
class Scores:
    """Predictions of some queries, in their order."""

    rating: NDArray[np.float32]
    """(queries,), 1-10."""
    bias: NDArray[np.float32]
    """(queries,), the causal averages alone."""
    attention: list[tuple[list[str], NDArray[np.float32]]]
    """For each query the tconst of the steps, oldest first, and their weights."""


def score(model: DefaultPredictor, dataset: Dataset, queries: Queries) -> Scores:
    """Predict a few queries on a data set that is used once.

    Unlike `predict_pairs` it computes no features of the log's own events and traces no function: both pay off
    only where many questions are asked of the same data.

    Raises:
        ModelRunError: the model is not fitted, or the data set lacks what it reads.
    """
    fitted = model.network.fitted
    if fitted is None:
        raise ModelRunError("The model should be fitted before it explains; call fit first.")
    index = FeatureIndex(dataset, FeatureSettings())
    table = index.table(queries)
    bias, histories = table.column("bias"), Histories.of(index.log)
    inputs = Inputs(queries, bias, table.values, table.names, histories, index)
    trainer = fitted.trainer(dataset, inputs)
    settings, network = fitted.settings, fitted.network
    rows = lay_out(histories, queries, settings.chunk, settings.burn_in)
    steps, asked, number = row_arrays(histories, rows, np.arange(len(rows)), queries)
    asked["features"] = trainer.inputs.features[number]  # (rows, q, features)
    encoded = network.encode(as_constants(steps), trainer.catalogue)
    predicted, weights = network.score(encoded, as_constants(asked), trainer.catalogue)
    real = number >= 0
    residual = np.zeros(len(queries), np.float32)
    residual[number[real]] = np.asarray(predicted)[real]
    seen = {}
    for row, place in zip(*np.nonzero(real), strict=True):
        query = int(number[row, place])
        seen[query] = attended(
            dataset.movies.tconst,
            steps["movie"][row],
            np.asarray(weights)[row, place],
            int(rows.visible[query]),
            settings.attention_steps,
        )
    rating = model.mix(model.start(inputs), residual, table.values, table.names)
    return Scores(rating, bias, [seen[query] for query in range(len(queries))])


def contributions(
    model: DefaultPredictor, dataset: Dataset, query: Queries, whole: Scores | None = None
) -> Contributions:
    """What averages, history and graph are worth to one prediction.

    Args:
        model: fitted.
        dataset: the graph's arrays.
        query: one user, movie and moment.
        whole: its score on the data set, where it is known already.
    """
    whole = whole or score(model, dataset, query)
    newcomer = score(model, without_user(dataset, int(query.user_index[0])), query)
    bare = score(model, without_graph(dataset), query)
    rating, bias = float(whole.rating[0]), float(whole.bias[0])
    # Without ratings the averages change too; that part belongs to `averages`.
    history = (rating - bias) - (float(newcomer.rating[0]) - float(newcomer.bias[0]))
    return Contributions(averages=bias, history=history, graph=rating - float(bare.rating[0]))


def without_user(dataset: Dataset, user_index: int) -> Dataset:
    """The data set without a user's ratings; the user stays, as a newcomer."""
    return replace(dataset, ratings=dataset.ratings.take(dataset.ratings.user_index != user_index))


def without_events(dataset: Dataset, events: NDArray[np.integer]) -> Dataset:
    """The data set without some ratings."""
    kept = np.ones(len(dataset.ratings), bool)
    kept[events] = False
    return replace(dataset, ratings=dataset.ratings.take(kept))


def without_graph(dataset: Dataset) -> Dataset:
    """The data set without any fact of a movie, its vectors all zero, which stands for none."""
    facts = {
        name: Facts(relation.keys, np.zeros_like(relation.indptr), relation.indices[:0])
        for name, relation in dataset.movies.facts.items()
    }
    vectors = dataset.vectors
    if vectors is not None:
        entities = {name: np.zeros_like(rows) for name, rows in vectors.entities.items()}
        vectors = Vectors(vectors.method, np.zeros_like(vectors.movies), entities)
    return replace(dataset, movies=replace(dataset.movies, facts=facts), vectors=vectors)
