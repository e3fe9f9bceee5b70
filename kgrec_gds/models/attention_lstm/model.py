"""The attention-LSTM as a rating model: epochs chosen on validation, then fitted on train and validation together."""

import gc
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset, Movies, Vectors
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.query import Queries
from kgrec_gds.data.sequences import Histories
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.table import Features
from kgrec_gds.keras_backend import keras
from kgrec_gds.models.attention_lstm.checkpoint import Checkpoint, Progress
from kgrec_gds.models.attention_lstm.hyperparameters import Hyperparameters
from kgrec_gds.models.attention_lstm.movie_table import SLOTS, known_movies, movie_table
from kgrec_gds.models.attention_lstm.network import AttentionNetwork, Sizes, build_network
from kgrec_gds.models.attention_lstm.trainer import Examples, Trainer
from kgrec_gds.models.base import Attention, Callback, RatingModel, final_stage, on_scale
from kgrec_gds.models.delays import with_random_delays
from kgrec_gds.models.distribution import team
from kgrec_gds.models.user_samples import sample_of_users

_WEIGHTS = "attention_lstm.weights.h5"
_DESCRIPTION = "attention_lstm.json"


@dataclass(frozen=True)
class _Fitted:
    """A network and what it needs to read a data set, which may have grown since."""

    network: AttentionNetwork
    columns: tuple[str, ...]
    """Feature columns, in order."""
    known: NDArray[np.object_]
    """tconst of the movies with an embedding of their own, in the order of its rows from 1."""
    vectors: str | None
    """Method of the vectors that it reads."""


class AttentionLstm(RatingModel):
    """LSTM over the user's history, and attention of the candidate over its latest steps.

    Args:
        hyperparameters: those that differ from the defaults of `Hyperparameters`.

    Raises:
        InputError: an unknown hyperparameter, or a value outside its range.
    """

    keeps_choice = True

    def __init__(self, **hyperparameters: Any) -> None:
        self.settings = Hyperparameters.of(**hyperparameters)
        self.history: list[dict[str, float]] = []
        """By epoch of the fit that chose the number of epochs: training and validation error."""
        self.best_epoch = self.settings.epochs
        self._fitted: _Fitted | None = None
        self._bound: tuple[Movies, Vectors | None, Trainer] | None = None

    def fit(
        self,
        dataset: Dataset,
        split: Split,
        seed: int,
        *,
        callback: Callback | None = None,
        checkpoints: Path | None = None,
    ) -> Self:
        """See `RatingModel.fit`; epochs are kept in `checkpoints`, so that an interrupted fit goes on from the last."""
        kept = {name: Checkpoint(checkpoints / name) if checkpoints else None for name in ("choose", "final")}
        both = np.union1d(split.train, split.validation)
        if len(split.validation) and len(split.train):
            weight = validation_weights(dataset.ratings, split)
            held = (split.validation, weight)
            chosen = self._train(
                dataset, split.train, held, seed, kept["choose"], callback, "Choosing epochs"
            )
            self.best_epoch, self.history = chosen.best_epoch, chosen.history
        final = self._train(dataset, both, None, seed, kept["final"], callback, final_stage(split))
        self.history = self.history or final.history
        return self

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted rating minus baseline estimate, shape (queries,)."""
        return self._trainer(dataset).predict(self._examples(dataset, queries))

    def predict_with_attention(
        self, dataset: Dataset, queries: Queries
    ) -> tuple[NDArray[np.float32], Attention | None]:
        """Predicted ratings, and the attention weights of the same forward pass."""
        trainer = self._trainer(dataset)
        residual, movies, weights = trainer.predict_with_attention(self._examples(dataset, queries))
        return on_scale(self.baseline(dataset, queries) + residual), Attention(movies, weights)

    def parts(self, dataset: Dataset) -> tuple[AttentionNetwork, tuple[str, ...], NDArray[np.float32]]:
        """The network, the feature columns that it reads, and its movie representations (movies, item size)."""
        fitted = self._require_fitted()
        return fitted.network, fitted.columns, np.asarray(self._trainer(dataset).represented())

    def save(self, folder: Path) -> None:
        """Write the weights in Keras's own format, and what describes them."""
        fitted = self._require_fitted()
        described = {
            "hyperparameters": self.settings.as_dict(),
            "sizes": asdict(fitted.network.sizes),
            "columns": list(fitted.columns),
            "known_movies": list(fitted.known),
            "vectors": fitted.vectors,
            "history": self.history,
            "best_epoch": self.best_epoch,
        }
        fitted.network.save_weights(folder / _WEIGHTS)
        (folder / _DESCRIPTION).write_text(json.dumps(described, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelRunError: there is no finished network, or one of another version.
        """
        try:
            described = json.loads((folder / _DESCRIPTION).read_text("utf-8"))
            model = cls(**described["hyperparameters"])
            network = build_network(model.settings, Sizes(**described["sizes"]))
            network.load_weights(folder / _WEIGHTS)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelRunError(
                f"Cannot read the attention-LSTM in {folder}: {error}. It is unfinished or of another version; "
                "train again with kgrec-gds train."
            ) from error
        known = np.array(described["known_movies"], object)
        model._fitted = _Fitted(network, tuple(described["columns"]), known, described["vectors"])
        model.history, model.best_epoch = described["history"], described["best_epoch"]
        return model

    def _train(
        self,
        dataset: Dataset,
        train: NDArray[np.int64],
        held: tuple[NDArray[np.int64], NDArray[np.float64]] | None,
        seed: int,
        checkpoint: Checkpoint | None,
        callback: Callback | None,
        stage: str,
    ) -> Progress:
        """Train a new network on some events; with validation events and their weights, measure it on them.

        Training workers draw the same events, and keep those of their own users.
        """
        keras.utils.set_random_seed(seed)
        workers = team()

        def drawn(events: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.int64], Queries]:
            users = dataset.ratings.user_index[events]
            rows = sample_of_users(users, self.settings.most_ratings, rng)
            return rows, with_random_delays(Queries.of(dataset.ratings.take(events[rows])), rng)

        first = drawn(train, np.random.default_rng((seed, 0)))[1]
        self._fitted, self._bound = self._untrained(dataset, train, first), None
        trainer = self._trainer(dataset)

        def own(events: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.int64], Queries]:
            rows, queries = drawn(events, rng)
            if workers is None:
                return rows, queries
            kept = np.flatnonzero(workers.own(queries.user_index))
            return rows[kept], queries.take(kept)

        def targeted(events: NDArray[np.int64], queries: Queries) -> tuple[Examples, NDArray[np.float32]]:
            target = dataset.ratings.rating[events] - self.baseline(dataset, queries)
            return self._examples(dataset, queries), target

        def draw(rng: np.random.Generator) -> tuple[Examples, NDArray[np.float32]]:
            rows, queries = own(train, rng)
            return targeted(train[rows], queries)

        validate = None
        if held is not None:
            rows, queries = own(held[0], np.random.default_rng(seed))
            examples, target = targeted(held[0][rows], queries)
            weight = held[1][rows]

            def validate() -> float:
                squares = weight * (trainer.predict(examples) - target) ** 2
                sums = np.array([squares.sum(), weight.sum()])
                error, total = workers.sums(sums) if workers else sums
                return float(error / total)

        return trainer.fit(
            draw,
            validate,
            seed=seed,
            epochs=self.settings.epochs if held is not None else self.best_epoch,
            checkpoint=checkpoint,
            callback=(lambda done, total: callback(stage, done, total)) if callback else None,
        )

    def _untrained(self, dataset: Dataset, train: NDArray[np.int64], queries: Queries) -> _Fitted:
        """A network that knows nothing but the scales of the training features."""
        settings, features = self.settings, dataset.derive(Features)
        reads_vectors = settings.use_vectors and dataset.vectors is not None
        columns = features.select(graph=settings.use_graph_features, vectors=reads_vectors, online_only=True)
        known = known_movies(dataset, train, settings.min_ratings)
        vector_size = dataset.vectors.movies.shape[1] if reads_vectors and dataset.vectors else 0
        sizes = Sizes(len(known), len(columns), vector_size, len(SLOTS))
        network = build_network(settings, sizes, features.table(queries, columns).values)
        method = dataset.vectors.method if reads_vectors and dataset.vectors else None
        return _Fitted(network, columns, known, method)

    def _examples(self, dataset: Dataset, queries: Queries) -> Examples:
        columns = self._require_fitted().columns
        values = dataset.derive(Features).table(queries, columns).values
        return Examples(queries, values, dataset.derive(Histories.of))

    def _trainer(self, dataset: Dataset) -> Trainer:
        """The network bound to a catalogue; kept while the same movies and vectors are used."""
        movies, vectors = dataset.movies, dataset.vectors
        if self._bound is None or self._bound[0] is not movies or self._bound[1] is not vectors:
            fitted = self._require_fitted()
            method = vectors.method if vectors else None
            if fitted.vectors and method != fitted.vectors:
                raise ModelRunError(
                    f"The model reads {fitted.vectors} vectors, but the data set has {method or 'none'}. "
                    f"Make them with kgrec-gds embed --method {fitted.vectors}, or train again."
                )
            # An earlier trainer and its compiled functions refer to each other, and hold a catalogue.
            gc.collect()
            table = movie_table(dataset, fitted.known, use_vectors=fitted.vectors is not None)
            self._bound = movies, vectors, Trainer(fitted.network, table)
        return self._bound[2]

    def _require_fitted(self) -> _Fitted:
        if self._fitted is None:
            raise ModelRunError("The attention-LSTM is not fitted; call fit or load first.")
        return self._fitted
