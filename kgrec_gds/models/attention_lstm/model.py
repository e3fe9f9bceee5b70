"""The attention-LSTM as a predictor: epochs chosen on validation, then fitted on train and validation together."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.gaussian_process.batching import most_knowing
from kgrec_gds.models.attention_lstm.committee import Committee, build_committee
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.attention_lstm.network import Sizes
from kgrec_gds.models.attention_lstm.trainer import Trainer, event_target
from kgrec_gds.models.held_out import HeldOut
from kgrec_gds.models.inputs import Inputs, chosen_columns, known_movies, movie_table, read_inputs
from kgrec_gds.models.keras_backend import keras
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training_progress import Progress, Watch
from kgrec_gds.schema import MAX_RATING, MIN_RATING

#: Known movies whose vectors a run remembers, to tell whether they are still the same.
_SEEN = 8


@dataclass(frozen=True)
class FittedNetwork:
    """A network and what it needs to read a data set, which may have grown since."""

    settings: Settings
    sizes: Sizes
    known: NDArray[np.object_]
    """tconst of the movies with an embedding of their own, in the order of its rows from 1."""
    feature_names: tuple[str, ...]
    """Columns it reads, in order."""
    vectors: str | None
    """Method of the vectors it reads."""
    network: Committee
    seen: dict[str, list[float]] = field(default_factory=dict)
    """The vectors of a few movies in training, by tconst; none in runs of before."""

    def refuse_other_vectors(self, dataset: Dataset) -> None:
        """See that the vectors are those of training: of others, though of the same method, the weights know nothing.

        Raises:
            ModelRunError: they were made again since.
        """
        now = _some_vectors(dataset, np.array(list(self.seen), object))
        if changed := [tconst for tconst, vector in now.items() if vector != self.seen[tconst]]:
            raise ModelRunError(
                f"The graph should hold the {self.vectors} vectors that this model was trained on; those of "
                f"{changed[0]} were made again since. Train again: kgrec-gds train."
            )

    def trainer(self, dataset: Dataset, inputs: Inputs) -> Trainer:
        """Bind the network to a data set.

        Raises:
            ModelRunError: the data set lacks what the network reads.
        """
        method = dataset.vectors.method if dataset.vectors else None
        if self.vectors and method != self.vectors:
            raise ModelRunError(
                f"This model reads {self.vectors} vectors; the graph offers {method or 'none'}. "
                f"Make them with kgrec-gds embed --method {self.vectors}, or train again."
            )
        table = movie_table(dataset, self.known, use_vectors=self.vectors is not None)
        return Trainer(self.network, inputs.only(self.feature_names), table, self.settings)

    def save(self, run: RunFolder) -> None:
        """Write weights, in Keras's own format, and what describes them."""
        run.write(
            "network",
            {
                "settings": self.settings.as_dict(),
                "sizes": asdict(self.sizes),
                "vectors": self.vectors,
                "feature_names": list(self.feature_names),
                "known_movies": list(self.known),
                "seen": self.seen,
            },
        )
        self.network.save_weights(run.path / "network.weights.h5")

    @classmethod
    def load(cls, run: RunFolder) -> "FittedNetwork":
        """Read what `save` wrote.

        Raises:
            ModelRunError: the run holds no finished network, or one of another version.
        """
        kept = run.read("network")
        settings, sizes = Settings.from_dict(kept["settings"]), Sizes(**kept["sizes"])
        network = build_committee(settings, sizes)
        try:
            network.load_weights(run.path / "network.weights.h5")
        except ValueError as error:
            raise ModelRunError(
                f"The weights of {run.model_id} should fit this version's network, but were saved by another one. "
                "Train again: kgrec-gds train."
            ) from error
        known = np.array(kept["known_movies"], object)
        names, seen = tuple(kept["feature_names"]), kept.get("seen", {})
        return cls(settings, sizes, known, names, kept["vectors"], network, seen)


class AttentionLstm:
    """Fulfils `evaluate.predictors.Predictor`. Its history may include earlier test events, as in production."""

    online_history = True

    def __init__(
        self, settings: Settings | None = None, *, run: RunFolder | None = None, watch: Watch | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.name = self.settings.name
        self.run, self.watch = run, watch
        self.fitted: FittedNetwork | None = None
        self.history: list[dict[str, float]] = []
        """By epoch of the first fit: training and validation error."""
        self.best_epoch = 0
        self.held_out: HeldOut | None = None
        """What the best epoch of the first fit said of the validation events."""
        self._bound: tuple[Dataset, Trainer] | None = None

    def fit(
        self, dataset: Dataset, split: Split, seed: int, *, warm: FittedNetwork | None = None
    ) -> "AttentionLstm":
        """Choose the number of epochs on validation, then fit on train and validation for as many.

        Args:
            dataset: the log.
            split: which events are whose.
            seed: the same seed gives the same network.
            warm: start from these weights, where they fit, for all epochs of the settings: they may know the validation
                events, so nothing can be chosen there.
        """
        both = np.union1d(split.train, split.validation)
        self.best_epoch = self.settings.epochs
        if warm is None and len(split.validation) and len(split.train):
            weight = validation_weights(dataset.ratings, split)
            chosen_on = (split.validation, weight)
            _, progress = self._phase("choose", dataset, split.train, chosen_on, seed=seed)
            self.history, self.best_epoch = progress.history, progress.best_epoch
            self.held_out = HeldOut.of(
                read_inputs(dataset).bias[split.validation],
                np.asarray(progress.best_predicted, np.float32),
                dataset.ratings.rating[split.validation],
                weight,
            )
        self.fitted, progress = self._phase("final", dataset, both, None, seed=seed, warm=warm)
        self.history = self.history or progress.history
        self._bound = None
        return self

    def predict(self, dataset: Dataset, events: NDArray[np.integer]) -> NDArray[np.float32]:
        """Ratings (1-10) of event rows, each from the ratings strictly before it."""
        inputs = read_inputs(dataset)
        return np.clip(inputs.bias[events] + self.trainer(dataset).predict(events), MIN_RATING, MAX_RATING)

    def trainer(self, dataset: Dataset) -> Trainer:
        """The fitted network bound to a data set; kept for the next call on the same one."""
        if self._bound is None or self._bound[0] is not dataset:
            self._bound = (dataset, self.bind(dataset, read_inputs(dataset)))
        return self._bound[1]

    def bind(self, dataset: Dataset, inputs: Inputs) -> Trainer:
        """The fitted network bound to inputs that may hold other queries than the log's events.

        Raises:
            ModelRunError: not fitted yet, or the data set lacks what the network reads.
        """
        if self.fitted is None:
            raise ModelRunError("The model should be fitted before it predicts; call fit first.")
        if self._bound is None or self._bound[0] is not dataset:
            return self.fitted.trainer(dataset, inputs)
        bound = self._bound[1]
        return bound if inputs is read_inputs(dataset) else bound.on(inputs.only(self.fitted.feature_names))

    def copy(self, dataset: Dataset, rows: NDArray[np.int64]) -> "AttentionLstm":
        """The same model, whose network can go on learning without this one.

        Args:
            dataset: what it was fitted on.
            rows: event rows that it was fitted on.
        """
        other = AttentionLstm(self.settings)
        other.history, other.best_epoch, other.held_out = self.history, self.best_epoch, self.held_out
        if self.fitted is not None:
            other.fitted = self.build(dataset, read_inputs(dataset), rows)
            other.fitted.network.set_weights(self.fitted.network.get_weights())
        return other

    def _phase(
        self,
        name: str,
        dataset: Dataset,
        train: NDArray[np.int64],
        chosen_on: tuple[NDArray[np.int64], NDArray[np.float64]] | None,
        *,
        seed: int,
        warm: FittedNetwork | None = None,
    ) -> tuple[FittedNetwork, Progress]:
        validation, weight = chosen_on or (None, None)
        inputs = read_inputs(dataset)
        keras.utils.set_random_seed(seed)
        fresh = self.build(dataset, inputs, train)
        if warm is not None:
            warm_start(fresh, warm)
        progress = fresh.trainer(dataset, inputs).fit(
            event_target(dataset, inputs),
            train,
            validation,
            seed=seed,
            validation_weight=weight,
            epochs=self.settings.epochs if validation is not None else self.best_epoch,
            checkpoint=self.run.checkpoint(name) if self.run else None,
            watch=self.watch,
            shown_as="training" if validation is not None else "training on all",
        )
        return fresh, progress

    def build(self, dataset: Dataset, inputs: Inputs, train: NDArray[np.int64]) -> FittedNetwork:
        """A network that has seen nothing yet but the scales of the training events' features.

        It starts from the kriged column, and learns what that leaves over.
        """
        with_vectors = self.settings.use_vectors and dataset.vectors is not None
        columns = chosen_columns(
            inputs.feature_names, graph=self.settings.use_graph_features, vectors=with_vectors
        )
        names = tuple(inputs.feature_names[column] for column in columns)
        known = known_movies(dataset, train, self.settings.min_ratings)
        table = movie_table(dataset, known[:0], use_vectors=with_vectors)
        size = table.slots.shape[-1] if with_vectors else 0
        sizes = Sizes(len(known), len(columns), size, table.slots.shape[1])
        network = build_committee(self.settings, sizes, inputs.features[np.ix_(train, columns)])
        if start := most_knowing(names):
            network.start_from(names.index(start))
        method = dataset.vectors.method if with_vectors and dataset.vectors else None
        seen = _some_vectors(dataset, known[:_SEEN]) if method else {}
        return FittedNetwork(self.settings, sizes, known, names, method, network, seen)


def _some_vectors(dataset: Dataset, movies: NDArray[np.object_]) -> dict[str, list[float]]:
    """Vectors of those of these movies that are in the data set, by tconst."""
    if dataset.vectors is None:
        return {}
    rows = np.flatnonzero(np.isin(dataset.movies.tconst, movies))
    return {dataset.movies.tconst[row]: dataset.vectors.movies[row].tolist() for row in rows.tolist()}


def warm_start(fresh: FittedNetwork, before: FittedNetwork) -> int:
    """Copy the weights of an earlier run where name and shape agree, and movies' embeddings by tconst.

    Returns:
        number of variables taken over.
    """
    old: dict[str, Any] = {variable.path: variable for variable in before.network.trainable_variables}
    taken = 0
    for variable in fresh.network.trainable_variables:
        source = old.get(variable.path)
        if source is None:
            continue
        if variable.path.endswith("ids/embeddings"):
            row_of = {tconst: row for row, tconst in enumerate(before.known, start=1)}
            rows = np.array([0, *(row_of.get(tconst, 0) for tconst in fresh.known)])
            variable.assign(np.asarray(source)[rows])
        elif source.shape == variable.shape and before.feature_names == fresh.feature_names:
            variable.assign(source)
        else:
            continue
        taken += 1
    return taken
