"""What `train` ships: a mean of the attention-LSTM and the trees with the graph's features, trained for each other.

Both start from the causal bias and from how far the trees have been off with the user and the movie so far.
"""

from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.features.table import FeatureIndex
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.attention_lstm.model import AttentionLstm, FittedNetwork
from kgrec_gds.models.complement import ComplementSettings, complement, share_before, share_beside_trees
from kgrec_gds.models.held_out import best_share
from kgrec_gds.models.inputs import Inputs, read_inputs
from kgrec_gds.models.own_errors import OwnErrors, OwnErrorSettings, fitted_until, last_fitted
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training_progress import Watch
from kgrec_gds.models.trees import SHIPPED, Trees, TreeSettings
from kgrec_gds.schema import MAX_RATING, MIN_RATING


@dataclass(frozen=True)
class DefaultSettings:
    """Both halves and how the network learns beside the trees."""

    network: Settings = field(default_factory=Settings)
    trees: TreeSettings = SHIPPED
    complement: ComplementSettings = field(default_factory=ComplementSettings)
    own_errors: OwnErrorSettings | None = field(default_factory=OwnErrorSettings)
    """None: earlier errors move nothing, as in runs of before."""


class DefaultPredictor:
    """Fulfils `evaluate.predictors.Predictor`."""

    name = "default"
    online_history = True

    def __init__(
        self,
        settings: DefaultSettings | None = None,
        *,
        run: RunFolder | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.settings = settings or DefaultSettings()
        self.run, self.watch = run, watch
        self.alone = AttentionLstm(self.settings.network, run=run, watch=watch)
        """The network before it learned beside the trees."""
        self.network = self.alone
        self.trees = Trees(graph=True, settings=self.settings.trees)
        self.network_weight = 0.5
        """Share of the network in the mean."""
        self.until: dict[str, int] | None = None
        """Up to where each user's ratings were fitted, see `own_errors.fitted_until`; None in runs of before."""
        self._own: OwnErrors | None = None

    def fit(
        self, dataset: Dataset, split: Split, seed: int, *, before: "DefaultPredictor | None" = None
    ) -> "DefaultPredictor":
        """Fit both halves, then let a copy of the network learn what the trees leave over.

        The network's share is the best on the validation events, one half where there are none; see `complement`
        for what becomes of it.

        Args:
            dataset: the log.
            split: which events are whose.
            seed: the same seed gives the same halves.
            before: start from its network, and keep the network's share.
        """
        self.fit_halves(dataset, split, seed, warm=before.network.fitted if before else None)
        self._own, self.until = None, fitted_until(dataset, np.union1d(split.train, split.validation))
        share = share_before(before.network_weight) if before else 0.5
        if self.alone.held_out is not None and self.trees.held_out is not None:
            share = best_share(self.alone.held_out, self.trees.held_out)
        self.network = complement(
            self.alone, self.trees, share, dataset, split,
            seed=seed, settings=self.settings.complement, run=self.run, watch=self.watch,
        )  # fmt: skip
        self.network_weight = share_beside_trees(share)
        return self

    def fit_halves(
        self, dataset: Dataset, split: Split, seed: int, *, warm: FittedNetwork | None = None
    ) -> None:
        """Fit the network and the trees, each by itself; see theirs."""
        self.alone.fit(dataset, split, seed, warm=warm)
        self.trees.fit(dataset, split, seed)

    def predict(self, dataset: Dataset, events: NDArray[np.integer]) -> NDArray[np.float32]:
        """Ratings (1-10) of event rows, each from the ratings strictly before it."""
        inputs = read_inputs(dataset)
        network = self.network.trainer(dataset).predict(events)
        start = self.start(inputs)[events]
        return self.mix(start, network, inputs.features[events], inputs.feature_names)

    def start(self, asked: Inputs) -> NDArray[np.float32]:
        """What both halves add to, by query: the causal bias, and `off`."""
        return asked.bias + self.off(asked.index, asked.queries)

    def off(self, index: FeatureIndex, queries: Queries) -> NDArray[np.float32]:
        """How far the trees have been off with each query's user and movie so far, shape (queries,); see `own_errors`."""
        if self.settings.own_errors is None:
            return np.zeros(len(queries), np.float32)
        own = self._own if self._own and self._own.model is self.trees else None
        if own is None or own.index is not index:
            own = OwnErrors(self.trees, index, self.settings.own_errors, self.until, before=own)
        self._own = own
        return own.before(queries)

    def last_fitted(self, dataset: Dataset) -> NDArray[np.int64]:
        """The moment of each user's last fitted rating, by user index; see `own_errors.last_fitted`."""
        return last_fitted(dataset, self.until or {})

    def mix(
        self,
        start: NDArray[np.float32],
        network: NDArray[np.float32],
        features: NDArray[np.float32],
        names: tuple[str, ...],
    ) -> NDArray[np.float32]:
        """Ratings (1-10) from what both halves add to their start; arrays by query.

        Args:
            start: see there.
            network: the network's residual.
            features: rows of a feature table, for the trees.
            names: the table's columns.
        """
        return self.blend(start, network, self.trees.residual(features, names))

    def blend(
        self, start: NDArray[np.float32], network: NDArray[np.float32], trees: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Ratings (1-10) from the start and what each half adds to it; arrays by query."""
        trees = np.clip(start + trees, MIN_RATING, MAX_RATING)
        network = np.clip(start + network, MIN_RATING, MAX_RATING)
        share = self.network_weight
        return (share * network + (1 - share) * trees).astype(np.float32)

    def save(self, run: RunFolder) -> None:
        """Write both halves and their shares."""
        if self.network.fitted is None:
            return
        self.network.fitted.save(run)
        self.trees.save(run)
        own = self.settings.own_errors
        run.write(
            "default", {"network_weight": self.network_weight, "own_errors": asdict(own) if own else None}
        )
        run.write("fitted_until", self.until)

    @classmethod
    def load_for(cls, run: RunFolder, dataset: Dataset) -> "DefaultPredictor":
        """Read what `save` wrote, to predict on a data set of the graph.

        Raises:
            ModelRunError: the run is not finished, or the graph's vectors were made again since.
        """
        loaded = cls.load(run)
        if loaded.network.fitted is not None:
            loaded.network.fitted.refuse_other_vectors(dataset)
        return loaded

    @classmethod
    def load(cls, run: RunFolder) -> "DefaultPredictor":
        """Read what `save` wrote.

        Raises:
            ModelRunError: the run is not finished.
        """
        fitted = FittedNetwork.load(run)
        kept = run.read("default")
        own = OwnErrorSettings(**kept["own_errors"]) if kept.get("own_errors") else None
        loaded = cls(DefaultSettings(network=fitted.settings, own_errors=own))
        loaded.network.fitted = fitted
        loaded.network_weight = kept["network_weight"]
        loaded.until = run.read("fitted_until") if run.holds("fitted_until") else None
        loaded.trees = Trees.load(run, graph=True)
        return loaded
