"""The blend: the mean of the attention-LSTM and the boosted trees with the graph's features, half and half."""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.base import Attention, Callback, RatingModel
from kgrec_gds.models.trees import Trees


class Blend(RatingModel):
    """Mean of two models' clipped predictions; its attention is the attention-LSTM's."""

    keeps_choice = True

    def __init__(self, network: AttentionLstm | None = None, trees: Trees | None = None) -> None:
        self.network = network or AttentionLstm()
        self.trees = trees or Trees(graph=True)

    def fit(
        self,
        dataset: Dataset,
        split: Split,
        seed: int,
        *,
        callback: Callback | None = None,
        checkpoints: Path | None = None,
    ) -> Self:
        """Fit both, each by itself."""
        self.network.fit(dataset, split, seed, callback=_named("LSTM", callback), checkpoints=checkpoints)
        self.trees.fit(dataset, split, seed, callback=_named("trees", callback))
        return self

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The mean prediction minus the baseline estimate, shape (queries,)."""
        both = self.network.predict(dataset, queries) + self.trees.predict(dataset, queries)
        return np.float32(0.5) * both - self.baseline(dataset, queries)

    def predict_with_attention(
        self, dataset: Dataset, queries: Queries
    ) -> tuple[NDArray[np.float32], Attention | None]:
        """Predicted ratings, and where the attention-LSTM looked."""
        rating, attention = self.network.predict_with_attention(dataset, queries)
        return np.float32(0.5) * (rating + self.trees.predict(dataset, queries)), attention

    def save(self, folder: Path) -> None:
        """Write both."""
        self.network.save(folder)
        self.trees.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelRunError: one of them is missing.
        """
        return cls(AttentionLstm.load(folder), Trees.load(folder))


def _named(part: str, callback: Callback | None) -> Callback | None:
    if callback is None:
        return None
    return lambda stage, done, total: callback(f"{stage} ({part})", done, total)
