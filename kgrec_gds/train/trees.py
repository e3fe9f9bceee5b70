"""Gradient-boosted trees on the same causal features: what a practitioner would use, and a part of the default."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from kgrec_gds.errors import ModelRunError
from kgrec_gds.schema import MAX_RATING, MIN_RATING
from kgrec_gds.train.forest import Forest
from kgrec_gds.train.held_out import HeldOut
from kgrec_gds.train.inputs import chosen_columns, pick_columns, read_inputs
from kgrec_gds.train.run_folder import RunFolder
from kgrec_gds.windows.dataset import Dataset
from kgrec_gds.windows.kriging import most_knowing
from kgrec_gds.windows.lengths import validation_weights
from kgrec_gds.windows.splits import Split

#: From so many rows on, reading the trees anew costs less than it saves.
_MANY = 10_000


@dataclass(frozen=True)
class TreeSettings:
    """Settings of the boosting, chosen on validation events; `docs/model.md` has the figures."""

    learning_rate: float = 0.04
    most_trees: int = 600
    """Validation chooses how many of them."""
    patience: int = 30
    """Trees without a better validation error before boosting stops."""
    leaves: int = 16
    least_in_leaf: int = 60
    l2: float = 20.0
    feature_share: float = 0.3
    """Share of the features that a split chooses from."""
    from_kriged: bool = False
    """Let validation choose whether they start from the kriged column that knows most, and learn what it leaves over.

    It is a feature either way.
    """


#: The trees of what `train` ships.
SHIPPED = TreeSettings(from_kriged=True)


class Trees:
    """Fulfils `evaluate.predictors.Predictor`: predicts rating minus causal bias from tabular features."""

    online_history = True

    def __init__(self, *, graph: bool, settings: TreeSettings | None = None) -> None:
        self.graph = graph
        self.settings = settings or TreeSettings()
        self.name = "trees_kriged" if self.settings.from_kriged else _file_name(graph=graph)
        self.model: Any = None
        self.feature_names: tuple[str, ...] = ()
        self.start: str | None = None
        """The column that the trees add to."""
        self.trees = 0
        """Number of trees that validation chose."""
        self.held_out: HeldOut | None = None
        """What the first fit said of the validation events."""

    def fit(self, dataset: Dataset, split: Split, seed: int) -> "Trees":
        """Choose the number of trees, and where they start, on validation; then fit as many on train and validation."""
        inputs = read_inputs(dataset)
        self.feature_names = self.reads(inputs.feature_names, vectors=dataset.vectors is not None)
        values = pick_columns(inputs.features, inputs.feature_names, self.feature_names)
        target = dataset.ratings.rating - inputs.bias
        self.start, self.trees, self.held_out = None, self.settings.most_trees // 3, None
        kriged = most_knowing(self.feature_names) if self.settings.from_kriged else None
        if len(split.validation) and len(split.train):
            for start in dict.fromkeys((None, kriged)):
                self._try(start, values, target, dataset=dataset, split=split, seed=seed)
        else:
            self.start = kriged
        both = np.union1d(split.train, split.validation)
        left_over = (target - self.started(values, self.feature_names))[both]
        with _threads():
            self.model = self._regressor(seed, self.trees, stop=False).fit(values[both], left_over)
        return self

    def _try(
        self,
        start: str | None,
        values: NDArray[np.float32],
        target: NDArray[np.float32],
        *,
        dataset: Dataset,
        split: Split,
        seed: int,
    ) -> None:
        """Fit on the training events, and keep the start and the number of trees if validation favours them."""
        started = _column(values, self.feature_names, start)
        weight = validation_weights(dataset.ratings, split)
        first = self._regressor(seed, self.settings.most_trees, stop=True)
        with _threads():
            first.fit(
                values[split.train],
                (target - started)[split.train],
                X_val=values[split.validation],
                y_val=(target - started)[split.validation],
                sample_weight_val=weight,
            )
        held_out = HeldOut.of(
            read_inputs(dataset).bias[split.validation],
            started[split.validation] + first.predict(values[split.validation]),
            dataset.ratings.rating[split.validation],
            weight,
        )
        if self.held_out is None or held_out.error < self.held_out.error:
            self.start, self.held_out = start, held_out
            self.trees = int(np.argmax(first.validation_score_)) or 1

    def reads(self, names: tuple[str, ...], *, vectors: bool) -> tuple[str, ...]:
        """Columns of a feature table that these trees read, those of the vectors only where there are vectors."""
        return tuple(names[column] for column in chosen_columns(names, graph=self.graph, vectors=vectors))

    def out_of_fold(
        self, dataset: Dataset, rows: NDArray[np.integer], seed: int, *, folds: int
    ) -> NDArray[np.float32]:
        """Predicted rating minus causal bias of event rows, each by as many trees fitted on the other folds of them.

        Args:
            dataset: the log.
            rows: event rows, divided among the folds at random.
            seed: of the division and the fits.
            folds: number of parts, two at least.
        """
        inputs = read_inputs(dataset)
        values = pick_columns(inputs.features[rows], inputs.feature_names, self.feature_names)
        started = self.started(values, self.feature_names)
        target = dataset.ratings.rating[rows] - inputs.bias[rows] - started
        fold = np.random.default_rng(seed).integers(0, folds, len(rows))
        said = np.zeros(len(rows), np.float32)
        for held in range(folds):
            out, others = fold == held, fold != held
            if out.any() and others.any():
                with _threads():
                    model = self._regressor(seed + held, self.trees, stop=False)
                    said[out] = model.fit(values[others], target[others]).predict(values[out])
        return started + said

    def predict(self, dataset: Dataset, events: NDArray[np.integer]) -> NDArray[np.float32]:
        """Ratings (1-10) of event rows, each from the ratings strictly before it."""
        inputs = read_inputs(dataset)
        rest = self.residual(inputs.features[events], inputs.feature_names)
        return np.clip(inputs.bias[events] + rest, MIN_RATING, MAX_RATING)

    def residual(self, values: NDArray[np.float32], names: tuple[str, ...]) -> NDArray[np.float32]:
        """Predicted rating minus causal bias of rows of a feature table."""
        if self.model is None:
            raise ModelRunError("The trees should be fitted before they predict; call fit first.")
        started = self.started(values, names)
        values = pick_columns(values, names, self.feature_names)
        forest = Forest.of(self.model) if len(values) >= _MANY else None
        return started + (forest.predict(values) if forest else self.model.predict(values).astype(np.float32))

    def started(self, values: NDArray[np.float32], names: tuple[str, ...]) -> NDArray[np.float32]:
        """What the trees add to, by row of a feature table: their kriged column, or 0."""
        return _column(values, names, self.start)

    def save(self, run: RunFolder) -> None:
        """Write the trees with skops: no pickle, so a run folder can be shared without running its code."""
        import skops.io

        name = _file_name(graph=self.graph)
        skops.io.dump(self.model, run.path / f"{name}.skops")
        kept = {"feature_names": list(self.feature_names), "start": self.start, "trees": self.trees}
        run.write(name, kept)

    @classmethod
    def load(cls, run: RunFolder, *, graph: bool) -> "Trees":
        """Read what `save` wrote."""
        import skops.io

        trees, name = cls(graph=graph), _file_name(graph=graph)
        kept = run.read(name)
        trees.feature_names, trees.trees = tuple(kept["feature_names"]), kept["trees"]
        trees.start = kept.get("start")  # runs of before have none
        path = run.path / f"{name}.skops"
        trees.model = skops.io.load(path, trusted=_trusted(skops.io.get_untrusted_types(file=path)))
        return trees

    def _regressor(self, seed: int, trees: int, *, stop: bool) -> HistGradientBoostingRegressor:
        settings = self.settings
        return HistGradientBoostingRegressor(
            learning_rate=settings.learning_rate,
            max_iter=trees,
            max_leaf_nodes=settings.leaves,
            min_samples_leaf=settings.least_in_leaf,
            l2_regularization=settings.l2,
            max_features=settings.feature_share,
            early_stopping=stop,
            n_iter_no_change=settings.patience,
            tol=0.0,
            scoring="neg_mean_squared_error",
            random_state=seed,
        )


def _column(values: NDArray[np.float32], names: tuple[str, ...], name: str | None) -> NDArray[np.float32]:
    return values[:, names.index(name)] if name else np.zeros(len(values), np.float32)


def _file_name(*, graph: bool) -> str:
    return "trees_graph" if graph else "trees"


def _threads() -> AbstractContextManager[Any]:
    """One thread where the machine has more to do than processors; the trees are the same either way.

    Boosting meets at a barrier for every node, and waits there for the thread that got no turn: many times slower.
    """
    busy = os.getloadavg()[0] > (os.cpu_count() or 1) if hasattr(os, "getloadavg") else False
    return threadpool_limits(1 if busy else None, user_api="openmp")


def _trusted(types: list[str]) -> list[str]:
    """The types of scikit-learn's boosting that skops does not know by itself.

    Raises:
        ModelRunError: the file holds a type of anything else.
    """
    if foreign := [name for name in types if not name.startswith(("sklearn.", "numpy."))]:
        raise ModelRunError(
            f"The trees' file should hold scikit-learn's types only; it holds {foreign}. Train again."
        )
    return types
