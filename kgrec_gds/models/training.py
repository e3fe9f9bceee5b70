"""One training from a data set to a finished run folder, with its metrics beside the simplest baselines."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds import __version__
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.fingerprint import fingerprint
from kgrec_gds.data.splits import Protocol, Split, split
from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.default import DefaultPredictor, DefaultSettings
from kgrec_gds.models.inputs import read_inputs
from kgrec_gds.models.paper import PaperLstm, PaperSettings
from kgrec_gds.models.run_folder import RunFolder, versions
from kgrec_gds.models.training_progress import Watch
from kgrec_gds.schema import MAX_RATING, MIN_RATING

#: Ratings without which a train part would be empty.
_LEAST_RATINGS = 10

#: From an earlier run's weights: more make them forget, see `docs/model.md`.
CONTINUED_EPOCHS = 2


@dataclass(frozen=True)
class RunSettings:
    """What a training was asked for."""

    protocol: Protocol = "global"
    preset: str = "default"
    seed: int = 0
    embeddings: str | None = None
    """Method of the vectors, None without."""
    network: Settings = field(default_factory=Settings)
    """Of the preset `default`."""
    paper: PaperSettings = field(default_factory=PaperSettings)
    """Of the preset `paper`."""
    continued_from: str | None = None
    """Model id of the run whose weights it started from."""

    @property
    def parameters(self) -> dict[str, Any]:
        """Settings of the preset's network."""
        return vars(self.paper) if self.preset == "paper" else self.network.as_dict()

    @classmethod
    def read(cls, run: RunFolder) -> "RunSettings":
        """What a run was asked for."""
        values = run.read("settings")
        network, paper = Settings.from_dict(values.pop("network")), PaperSettings(**values.pop("paper", {}))
        return cls(network=network, paper=paper, **values)


@dataclass(frozen=True)
class TrainResult:
    """What a training gives back and `--json` prints."""

    model_id: str
    metrics: dict[str, dict[str, float]]
    """By predictor (`default`, `attention_lstm`, `trees_default`, `biases_causal`, `global_mean`): `mse`, `rmse`, `mae`
    on test; empty where no rating is left for it."""
    epochs: int
    """Epochs that validation chose."""
    history: list[dict[str, float]]
    """By epoch: errors on training and validation events."""
    trees: int
    events: dict[str, int]
    """Events of train, validation and test."""
    cutoffs: dict[str, int]
    """First moment of validation and of test, epoch seconds UTC (protocol `global`)."""
    embeddings: str | None
    protocol: str


def train_run(
    dataset: Dataset, settings: RunSettings, run: RunFolder | None = None, *, watch: Watch | None = None
) -> TrainResult:
    """Fit what `train` ships and write its run folder; an interrupted one goes on from its last epoch.

    A run of the preset `paper` goes on from its first.

    Args:
        dataset: ratings, movies, facts, and vectors of `settings.embeddings`.
        settings: what is asked for.
        run: an interrupted one; a new one where None.
        watch: is told of the progress.

    Raises:
        InputError: too few ratings to train on, or all at one moment.
        ModelRunError: the run was begun on other data, is being trained, or should start from one that knows the test.
    """
    if len(dataset.ratings) < _LEAST_RATINGS:
        raise InputError(
            f"Training should have at least {_LEAST_RATINGS} ratings; the graph holds {len(dataset.ratings)}. "
            "Import some: kgrec-gds import --ratings FILE."
        )
    parts = split(dataset.ratings, settings.protocol, settings.seed).holding("train")
    before = _before(settings.continued_from, dataset, parts) if settings.continued_from else None
    run = run or RunFolder.create()
    with run.held():
        _begin(run, settings, fingerprint(dataset, parts, __version__))
        if settings.preset == "paper":
            fitted = _fit_paper(dataset, settings, parts, run, watch)
        else:
            fitted = _fit_default(dataset, settings, parts, run, watch, before=before)
        result = TrainResult(
            model_id=run.model_id,
            metrics=test_metrics(fitted.predicted, dataset, parts),
            epochs=fitted.epochs,
            history=fitted.history,
            trees=fitted.trees,
            events=parts.counts,
            cutoffs=_cutoffs(dataset, parts),
            embeddings=settings.embeddings,
            protocol=settings.protocol,
        )
        run.write("metrics", asdict(result))
        run.drop_checkpoints()
    return result


def _begin(run: RunFolder, settings: RunSettings, made_from: str) -> None:
    """Write down what is asked for, if the run is not begun; else see that its epochs are of the same data."""
    if run.holds("data") and run.read("data")["fingerprint"] != made_from:
        raise ModelRunError(
            f"The graph should be as it was when {run.model_id} was begun, and kgrec-gds too; its ratings, movies or "
            "vectors have changed, or the version. Train anew: kgrec-gds train."
        )
    run.write("data", {"fingerprint": made_from})
    run.write("settings", asdict(settings))
    run.write("versions", versions())


@dataclass(frozen=True)
class _Fitted:
    predicted: dict[str, NDArray[np.float32]]
    """Ratings of the test events by predictor."""
    epochs: int
    history: list[dict[str, float]]
    trees: int = 0


def _fit_default(
    dataset: Dataset,
    settings: RunSettings,
    parts: Split,
    run: RunFolder,
    watch: Watch | None,
    *,
    before: DefaultPredictor | None,
) -> _Fitted:
    model = DefaultPredictor(DefaultSettings(network=settings.network), run=run, watch=watch)
    model.fit(dataset, parts, settings.seed, before=before)
    model.save(run)
    halves: tuple[Any, ...] = (model, model.alone, model.trees)
    predicted = {half.name: half.predict(dataset, parts.test) for half in halves}
    return _Fitted(predicted, model.alone.best_epoch, model.alone.history, model.trees.count)


def _before(model_id: str, dataset: Dataset, parts: Split) -> DefaultPredictor:
    """The model to start from, if it was fitted to no rating of the test nor to a later one."""
    before = DefaultPredictor.load_for(RunFolder.open(model_id), dataset)
    ratings = dataset.ratings.take(parts.test)
    last = before.last_fitted(dataset)
    # Under `global` no user's rating after the test began may be known, under `per-user` none of the user's own.
    known = last.max() if parts.protocol == "global" else last[ratings.user_index]
    knows = bool((known >= ratings.rated_at).any())
    if knows or before.until is None:
        raise ModelRunError(
            f"--continue should start from a run that knows no rating of the test; {model_id} was fitted to some, or "
            "does not say to which. Train anew: kgrec-gds train."
        )
    return before


def _fit_paper(
    dataset: Dataset, settings: RunSettings, parts: Split, run: RunFolder, watch: Watch | None
) -> _Fitted:
    model = PaperLstm(settings.paper, watch=watch).fit(dataset, parts, settings.seed)
    model.model.save(run.path / "paper.keras")
    return _Fitted({model.name: model.predict(dataset, parts.test)}, model.best_epoch, model.history)


def test_metrics(
    predicted: dict[str, NDArray[np.float32]], dataset: Dataset, parts: Split
) -> dict[str, dict[str, float]]:
    """Test errors of predictors, and of the baselines that need no fit of their own; none without test ratings."""
    events, fitted = parts.test, np.union1d(parts.train, parts.validation)
    if not len(events):
        return {}
    mean = float(dataset.ratings.rating[fitted].mean())
    baselines = {
        "biases_causal": np.clip(read_inputs(dataset).bias[events], MIN_RATING, MAX_RATING),
        "global_mean": np.full(len(events), mean, np.float32),
    }
    actual = dataset.ratings.rating[events]
    return {name: _errors(values, actual) for name, values in (predicted | baselines).items()}


def _errors(predicted: NDArray[np.float32], actual: NDArray[np.float32]) -> dict[str, float]:
    error = predicted.astype(np.float64) - actual
    mse = float(np.mean(error**2))
    return {"mse": mse, "rmse": mse**0.5, "mae": float(np.mean(np.abs(error)))}


def _cutoffs(dataset: Dataset, parts: Split) -> dict[str, int]:
    if parts.protocol != "global":
        return {}
    named = {"validation": parts.validation, "test": parts.test}
    return {name: int(dataset.ratings.rated_at[rows[0]]) for name, rows in named.items() if len(rows)}
