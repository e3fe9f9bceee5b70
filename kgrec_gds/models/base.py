"""The interface of every rating model, shipped or baseline.

    predicted rating = clip(baseline estimate + residual, 1, 10)

A model learns residuals; the baseline estimate mu + b_u + b_i as of the query's time, and the clipping, stand here.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import baseline_estimates
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.schema import MAX_RATING, MIN_RATING

Callback = Callable[[str, int, int], None]
"""Called while a model is fitted, with the name of the stage, the steps done and their total."""


@dataclass(frozen=True)
class Attention:
    """Attention weights over the latest steps of each query's history, the latest step last."""

    movie_index: NDArray[np.int32]
    """Shape (queries, window); 0 where the history is shorter than the window."""
    weights: NDArray[np.float32]
    """Shape (queries, window); each row sums to 1, or is 0 for a query without history."""


class RatingModel(ABC):
    """A rating model. A prediction uses only ratings strictly before `known_until` of its query."""

    keeps_choice: ClassVar[bool] = False
    """Whether `fit` without validation events keeps what an earlier `fit` of the same object chose on validation."""

    @abstractmethod
    def fit(
        self,
        dataset: Dataset,
        split: Split,
        seed: int,
        *,
        callback: Callback | None = None,
        checkpoints: Path | None = None,
    ) -> Self:
        """Choose epochs or trees on validation, then fit on train and validation together.

        Args:
            dataset: ratings, movies, facts and vectors.
            split: the events of train, validation and test; test events are never read.
            seed: the same seed, data and machine give the same model.
            callback: called with the progress.
            checkpoints: folder in which an interrupted fit is kept and found again; models that fit in seconds ignore it.
        """

    def refit(
        self,
        dataset: Dataset,
        split: Split,
        seed: int,
        *,
        callback: Callback | None = None,
        checkpoints: Path | None = None,
    ) -> Self:
        """Fit once more on all events, test included, for predictions of what comes after them.

        A model that `keeps_choice` fits as many epochs or trees as `fit` chose; another chooses again, on the latest events.
        """
        if self.keeps_choice:
            split = split.everything
        elif len(split.test):
            both = np.union1d(split.train, split.validation)
            split = replace(split, train=both, validation=split.test, test=split.test[:0])
        return self.fit(dataset, split, seed, callback=callback, checkpoints=checkpoints)

    @abstractmethod
    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted rating minus `baseline`, shape (queries,)."""

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The baseline estimate mu + b_u + b_i as of each query, shape (queries,)."""
        return baseline_estimates(dataset, queries).total.astype(np.float32)

    def predict(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted ratings on 1-10, shape (queries,)."""
        if not len(queries):
            return np.zeros(0, np.float32)
        return on_scale(self.baseline(dataset, queries) + self.predict_residual(dataset, queries))

    def predict_with_attention(
        self, dataset: Dataset, queries: Queries
    ) -> tuple[NDArray[np.float32], Attention | None]:
        """Predicted ratings, and where the model looked; None for a model without attention."""
        return self.predict(dataset, queries), None

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the fitted model into a folder, without pickles."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelRunError: the folder holds no such model.
        """


def final_stage(split: Split) -> str:
    """Name of the last stage of a fit, for the callback."""
    return "Training on train and validation" if len(split.validation) else "Training on all ratings"


def on_scale(rating: NDArray[np.floating]) -> NDArray[np.float32]:
    """Ratings clipped to the scale 1-10.

    Raises:
        ModelRunError: a rating is not a finite number, so that clipping would hide it or leave it.
    """
    if not np.isfinite(rating).all():
        wrong = int(np.count_nonzero(~np.isfinite(rating)))
        raise ModelRunError(
            f"The model predicted {wrong} of {len(rating)} ratings as no finite number: its training diverged, or the vectors "
            "that it reads are damaged. Make the vectors again with kgrec-gds embed, and train again."
        )
    return np.clip(rating, MIN_RATING, MAX_RATING).astype(np.float32)
