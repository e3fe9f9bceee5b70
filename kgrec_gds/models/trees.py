"""Gradient-boosted trees on the same causal features: what a practitioner would use, and a part of the default."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.gaussian_process.batching import most_knowing
from kgrec_gds.features.table import FeatureIndex
from kgrec_gds.models.forest import Forest
from kgrec_gds.models.held_out import HeldOut
from kgrec_gds.models.inputs import chosen_columns, pick_columns, read_inputs
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.schema import MAX_RATING, MIN_RATING
from kgrec_gds.threads import one_openmp_thread

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
    both_starts: bool = False
    """Fit them twice, from the causal bias and from the kriged column that knows most; their mean predicts.

    The column is a feature either way.
    """


#: The trees of what `train` ships.
SHIPPED = TreeSettings(both_starts=True)


@dataclass(frozen=True)
class Boosted:
    """One boosting and what its trees add to."""

    start: str | None
    """A column; the causal bias alone where None."""
    trees: int
    """Their number, which validation chose."""
    model: Any
    said: NDArray[np.float64] | None = None
    """What a first fit, without the validation events, said of them beyond the causal bias; None where read again."""


class Trees:
    """Fulfils `evaluate.predictors.Predictor`: predicts rating minus causal bias from tabular features."""

    online_history = True

    def __init__(self, *, graph: bool, settings: TreeSettings | None = None) -> None:
        self.graph = graph
        self.settings = settings or TreeSettings()
        self.name = "trees_default" if self.settings.both_starts else _file_name(graph=graph)
        self.feature_names: tuple[str, ...] = ()
        self.boosted: tuple[Boosted, ...] = ()
        """Their mean predicts."""
        self.held_out: HeldOut | None = None
        """What the first fits said of the validation events."""
        self._taken: dict[str | None, Boosted] = {}

    def take_over(self, other: "Trees") -> None:
        """Let `fit` use what trees with the same settings were boosted to on the same events with the same seed."""
        alike = replace(other.settings, both_starts=self.settings.both_starts) == self.settings
        if alike and other.graph == self.graph:
            self._taken = {each.start: each for each in other.boosted}

    @property
    def count(self) -> int:
        """Number of trees."""
        return sum(each.trees for each in self.boosted)

    def fit(self, dataset: Dataset, split: Split, seed: int) -> "Trees":
        """Choose the number of trees on validation, then fit as many on train and validation; from each start."""
        inputs = read_inputs(dataset)
        self.feature_names = self.reads(inputs.feature_names, vectors=dataset.vectors is not None)
        values = pick_columns(inputs.features, inputs.feature_names, self.feature_names)
        target = dataset.ratings.rating - inputs.bias
        weight = validation_weights(dataset.ratings, split)
        taken, self._taken = self._taken, {}
        self.boosted = tuple(
            taken.get(start) or self._fit_from(start, values, target, split=split, weight=weight, seed=seed)
            for start in self._starts()
        )
        self.held_out = None
        said = [each.said for each in self.boosted if each.said is not None]
        if said:
            bias, rating = inputs.bias[split.validation], dataset.ratings.rating[split.validation]
            self.held_out = HeldOut.of(bias, np.mean(said, axis=0), rating, weight)
        return self

    def _starts(self) -> tuple[str | None, ...]:
        kriged = most_knowing(self.feature_names) if self.settings.both_starts else None
        return (None, kriged) if kriged else (None,)

    def _fit_from(
        self,
        start: str | None,
        values: NDArray[np.float32],
        target: NDArray[np.float32],
        *,
        split: Split,
        weight: NDArray[np.float64],
        seed: int,
    ) -> Boosted:
        before = _column(values, self.feature_names, start)
        left_over = target - before
        trees, said = self.settings.most_trees // 3, None
        if len(split.validation) and len(split.train):
            first = self._regressor(seed, self.settings.most_trees, stop=True)
            held = split.validation
            with _threads():
                first.fit(
                    values[split.train],
                    left_over[split.train],
                    X_val=values[held],
                    y_val=left_over[held],
                    sample_weight_val=weight,
                )
            trees = int(np.argmax(first.validation_score_)) or 1
            # Boosting went on from there until its patience ended.
            best = next(islice(first.staged_predict(values[held]), trees - 1, None))
            said = before[held] + best
        both = np.union1d(split.train, split.validation)
        return replace(self._boost(start, trees, values[both], target[both], seed), said=said)

    def _boost(
        self,
        start: str | None,
        trees: int,
        values: NDArray[np.float32],
        target: NDArray[np.float32],
        seed: int,
    ) -> Boosted:
        left_over = target - _column(values, self.feature_names, start)
        with _threads():
            return Boosted(start, trees, self._regressor(seed, trees, stop=False).fit(values, left_over))

    def reads(self, names: tuple[str, ...], *, vectors: bool) -> tuple[str, ...]:
        """Columns of a feature table that these trees read, those of the vectors only where there are vectors."""
        return tuple(names[column] for column in chosen_columns(names, graph=self.graph, vectors=vectors))

    def out_of_fold(
        self, dataset: Dataset, rows: NDArray[np.integer], seed: int, *, folds: int, haste: float = 1.0
    ) -> NDArray[np.float32]:
        """Predicted rating minus causal bias of event rows, each by trees fitted on the other folds of them.

        Args:
            dataset: the log.
            rows: event rows, divided among the folds at random.
            seed: of the division and the fits.
            folds: number of parts, two at least.
            haste: the trees learn so many times as fast as these, and are as many times fewer.
        """
        rate = self.settings.learning_rate * haste
        quick = Trees(graph=self.graph, settings=replace(self.settings, learning_rate=rate))
        quick.feature_names = self.feature_names
        inputs = read_inputs(dataset)
        values = pick_columns(inputs.features[rows], inputs.feature_names, self.feature_names)
        target = dataset.ratings.rating[rows] - inputs.bias[rows]
        fold = np.random.default_rng(seed).integers(0, folds, len(rows))
        said = np.zeros(len(rows), np.float32)
        for held in range(folds):
            out, others = fold == held, fold != held
            if out.any() and others.any():
                seen, wanted = values[others], target[others]
                fitted = [
                    quick._boost(each.start, max(round(each.trees / haste), 1), seen, wanted, seed + held)
                    for each in self.boosted
                ]
                said[out] = _mean_of(fitted, values[out], self.feature_names)
        return said

    def predict(self, dataset: Dataset, events: NDArray[np.integer]) -> NDArray[np.float32]:
        """Ratings (1-10) of event rows, each from the ratings strictly before it."""
        inputs = read_inputs(dataset)
        return self.ratings(inputs.bias[events], inputs.features[events], inputs.feature_names)

    def of_events(self, index: FeatureIndex, rows: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """Ratings (1-10) of event rows of the index's log, of all where None, each from the ratings strictly before it."""
        table = index.events if rows is None else index.of_events(rows)
        return self.ratings(table.column("bias"), table.values, table.names)

    def ratings(
        self, bias: NDArray[np.float32], values: NDArray[np.float32], names: tuple[str, ...]
    ) -> NDArray[np.float32]:
        """Ratings (1-10) of rows of a feature table, from their causal bias."""
        return np.clip(bias + self.residual(values, names), MIN_RATING, MAX_RATING)

    def residual(self, values: NDArray[np.float32], names: tuple[str, ...]) -> NDArray[np.float32]:
        """Predicted rating minus causal bias of rows of a feature table."""
        if not self.boosted:
            raise ModelRunError("The trees should be fitted before they predict; call fit first.")
        if not len(values):
            return np.zeros(0, np.float32)  # scikit-learn refuses to predict nothing
        picked = pick_columns(values, names, self.feature_names)
        if len(values) >= _MANY and (forest := self.forest()):
            return self.started(values, names) + forest.predict(picked)
        # Threads meet after every tree, and few rows are sooner done than that.
        with one_openmp_thread():
            return _mean_of(self.boosted, picked, self.feature_names)

    def forest(self) -> Forest | None:
        """All trees in one, for many rows: what they add to `started`. None where it cannot be had."""
        return Forest.of([each.model for each in self.boosted])

    def started(self, values: NDArray[np.float32], names: tuple[str, ...]) -> NDArray[np.float32]:
        """What the trees add to, by row of a feature table: the mean of their starts, 0 being the causal bias."""
        return np.mean(
            [_column(values, names, each.start) for each in self.boosted], axis=0, dtype=np.float32
        )

    def save(self, run: RunFolder) -> None:
        """Write the trees with skops: no pickle, so a run folder can be shared without running its code."""
        import skops.io

        name = _file_name(graph=self.graph)
        skops.io.dump([each.model for each in self.boosted], run.path / f"{name}.skops")
        about = [{"start": each.start, "trees": each.trees} for each in self.boosted]
        run.write(name, {"feature_names": list(self.feature_names), "boosted": about})

    @classmethod
    def load(cls, run: RunFolder, *, graph: bool) -> "Trees":
        """Read what `save` wrote."""
        import skops.io

        trees, name = cls(graph=graph), _file_name(graph=graph)
        kept = run.read(name)
        trees.feature_names = tuple(kept["feature_names"])
        path = run.path / f"{name}.skops"
        models = skops.io.load(path, trusted=_trusted(skops.io.get_untrusted_types(file=path)))
        # Runs of before have one boosting, and the first of them no start.
        about = kept.get("boosted") or [{"start": kept.get("start"), "trees": kept["trees"]}]
        models = models if isinstance(models, list) else [models]
        trees.boosted = tuple(
            Boosted(each["start"], each["trees"], model) for each, model in zip(about, models, strict=True)
        )
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


def _mean_of(
    boosted: Sequence[Boosted], values: NDArray[np.float32], names: tuple[str, ...]
) -> NDArray[np.float32]:
    """Mean of what each says of rows (rows, columns of `names`)."""
    said = [_column(values, names, each.start) + each.model.predict(values) for each in boosted]
    return np.mean(said, axis=0).astype(np.float32)


def _file_name(*, graph: bool) -> str:
    return "trees_graph" if graph else "trees"


def _threads() -> AbstractContextManager[Any]:
    """One thread where the machine has more to do than processors; the trees are the same either way.

    Boosting meets at a barrier for every node, and waits there for the thread that got no turn: many times slower.
    """
    busy = os.getloadavg()[0] > (os.cpu_count() or 1) if hasattr(os, "getloadavg") else False
    return one_openmp_thread() if busy else nullcontext()


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
