"""Hyperparameter search: Optuna over forward-chaining time folds that never touch the test; resumable."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
from numpy.typing import NDArray

from kgrec_gds import __version__
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.fingerprint import fingerprint
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.models.base import Callback
from kgrec_gds.models.registry import build

Tuned = Literal["attention_lstm", "trees_graph", "paper"]
Sampler = Literal["tpe", "random", "grid"]
FOLDS = 5
_STOPPING_SHARE = 0.15
_PAPER_EPOCHS = 10
#: So that the first fold has ratings to learn from and to stop on.
_LEAST_EVENTS = 10 * (FOLDS + 1)

#: Values tried of each setting; the grid is their product, random and TPE draw from them.
SPACES: dict[Tuned, dict[str, list[Any]]] = {
    "attention_lstm": {
        "learning_rate": [5e-4, 1e-3, 2e-3],
        "batch_queries": [256, 512, 1024],
        "weight_decay": [1e-3, 1e-2, 1e-1],
        "input_dropout": [0.2, 0.3, 0.4, 0.5],
        "hidden_dropout": [0.1, 0.2, 0.3],
        "id_dropout": [0.1, 0.3, 0.5],
        "step_dropout": [0.0, 0.2, 0.4],
        "attention_steps": [16, 32],
        "epochs": [4, 6, 8],
        "id_size": [4, 8, 32],
        "vector_size": [8, 16, 32],
    },
    "trees_graph": {
        "learning_rate": [0.02, 0.04, 0.08],
        "leaves": [8, 16, 31],
        "least_in_leaf": [20, 60, 150],
        "l2": [0.0, 5.0, 20.0, 50.0],
        "feature_share": [0.2, 0.3, 0.5, 1.0],
    },
    "paper": {
        "learning_rate": [5e-4, 1e-3, 2e-3],
        "units": [32, 64],
        "embedding_size": [16, 32],
        "dropout": [0.3, 0.5],
    },
}


@dataclass(frozen=True)
class TuneResult:
    """The outcome of a search over all its trials."""

    study: str
    storage: str
    trials: int
    """Finished trials, those of earlier calls included."""
    pruned: int
    best_value: float
    """Mean squared error over the validated blocks of the folds."""
    best_settings: dict[str, Any]
    default_value: float | None
    """The same with the model's default settings, which are tried first (`paper`: with 10 epochs, as in all trials)."""
    importances: dict[str, float]


def time_folds(
    events: NDArray[np.int64], rated_at: NDArray[np.int64], folds: int = FOLDS
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Forward chaining: each fold trains on all events before its block and validates on the block.

    Events of the same time stay in one block, so there are fewer folds where many share a time.

    Args:
        events: event rows in time order, without those of the test.
        rated_at: their times.
        folds: number of blocks that are validated; the first block is only trained on.
    """
    bounds = np.linspace(0, len(events), folds + 2).astype(int)
    bounds[1:-1] = np.searchsorted(rated_at, rated_at[bounds[1:-1]])
    for low, high in pairwise(np.unique(bounds)[1:].tolist()):
        yield events[:low], events[low:high]


def plain_folds(
    events: NDArray[np.int64], folds: int = FOLDS, seed: int = 0
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Shuffled folds, for `paper` only: ratings of one user fall on both sides."""
    parts = np.array_split(np.random.default_rng(seed).permutation(events), folds)
    for number, part in enumerate(parts):
        rest = np.concatenate([other for place, other in enumerate(parts) if place != number])
        yield np.sort(rest), np.sort(part)


def tune(
    dataset: Dataset,
    split: Split,
    storage: Path,
    *,
    model: Tuned = "attention_lstm",
    trials: int = 20,
    sampler: Sampler = "tpe",
    seed: int = 0,
    space: dict[str, list[Any]] | None = None,
    callback: Callback | None = None,
) -> TuneResult:
    """Try settings until `trials` are done, those of earlier calls with the same storage included.

    Args:
        dataset: ratings, movies, their relations and vectors.
        split: its test part is never touched.
        storage: SQLite file; an interrupted search continues from it.
        model: `attention_lstm`, `trees_graph`, or `paper` (shuffled folds).
        trials: number of trials in all.
        sampler: how settings are drawn.
        seed: of the sampler and of each training.
        space: values to try by setting; by default those of `SPACES`.
        callback: called after each trial.

    Raises:
        InputError: no value to try, or too few ratings or times for the folds.
    """
    values = space or SPACES[model]
    if not values or not all(values.values()):
        raise InputError("Empty search space; expected at least one value for each setting.")
    folds = _folds(dataset, split, plain=model == "paper", seed=seed)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage.parent.mkdir(parents=True, exist_ok=True)
    # Trials on other data or over other values belong to another study.
    made_from = fingerprint(dataset, split, f"{__version__} {values}")[:8]
    study = optuna.create_study(
        study_name=f"{model}-{split.protocol}-{sampler}-{seed}-{made_from}",
        storage=f"sqlite:///{storage}",
        load_if_exists=True,
        direction="minimize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1),
    )
    default = {name: value for name, value in _defaults(model).items() if value in values.get(name, [])}
    waiting = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.WAITING,))
    if sampler != "grid" and not _done(study) and not waiting and len(default) == len(values):
        study.enqueue_trial(default)

    def objective(trial: optuna.Trial) -> float:
        chosen = {name: trial.suggest_categorical(name, options) for name, options in values.items()}
        errors: list[float] = []
        for number, (train, later) in enumerate(folds):
            try:
                errors.append(_fold_error(model, dataset, chosen, train, later, seed=seed))
            except ModelRunError as error:  # it diverged
                raise optuna.TrialPruned from error
            trial.report(float(np.mean(errors)), number)
            if trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(errors))

    for number in range(len(_done(study)), trials):
        study.sampler = _sampler(sampler, values, seed, number)
        if isinstance(study.sampler, optuna.samplers.GridSampler) and study.sampler.is_exhausted(study):
            break
        study.optimize(objective, n_trials=1)
        if callback:
            callback("Trials", number + 1, trials)
    return _result(study, storage, default)


def _folds(
    dataset: Dataset, split: Split, *, plain: bool, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    events = np.union1d(split.train, split.validation)
    if len(events) < _LEAST_EVENTS:
        raise InputError(
            f"Too few ratings before the test: {len(events)}; a search needs at least {_LEAST_EVENTS}. "
            "Import more with kgrec-gds import --ratings FILE."
        )
    if plain:
        return list(plain_folds(events, seed=seed))
    if folds := list(time_folds(events, dataset.ratings.rated_at[events])):
        return folds
    raise InputError(
        f"All {len(events)} ratings before the test have the same time; time folds need several times. "
        "Import ratings with dates, with kgrec-gds import --ratings FILE."
    )


def _done(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Completed and pruned trials; an interrupted one is tried again."""
    states = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
    return study.get_trials(deepcopy=False, states=states)


def _fold_error(
    name: Tuned,
    dataset: Dataset,
    chosen: dict[str, Any],
    train: NDArray[np.int64],
    later: NDArray[np.int64],
    *,
    seed: int,
) -> float:
    # The network's number of epochs is a setting; the others stop early on a part of their training events: the last
    # part, as time folds are divided, or a random one, as the published folds are.
    if name == "paper":
        train = np.random.default_rng(seed).permutation(train)
    stop = len(train) if name == "attention_lstm" else int(len(train) * (1 - _STOPPING_SHARE))
    fixed = {"epochs": _PAPER_EPOCHS} if name == "paper" else {}
    # All folds share the log: features are causal, so later ratings are never seen.
    fitted, stopping = np.sort(train[:stop]), np.sort(train[stop:])
    parts = Split("paper" if name == "paper" else "global", fitted, stopping, later)
    model = build(name, **(fixed | chosen)).fit(dataset, parts, seed)
    ratings = dataset.ratings.take(later)
    return float(np.mean((model.predict(dataset, Queries.of(ratings)) - ratings.rating) ** 2))


def _defaults(name: Tuned) -> dict[str, Any]:
    settings: Any = build(name)
    return vars(settings.settings)


def _sampler(
    name: Sampler, values: dict[str, list[Any]], seed: int, number: int
) -> optuna.samplers.BaseSampler:
    """The sampler of one trial: a resumed search draws what an uninterrupted one would have drawn."""
    made: dict[str, Callable[[], optuna.samplers.BaseSampler]] = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed + number),
        "random": lambda: optuna.samplers.RandomSampler(seed=seed + number),
        "grid": lambda: optuna.samplers.GridSampler(values, seed=seed),
    }
    return made[name]()


def _result(study: optuna.Study, storage: Path, default: dict[str, Any]) -> TuneResult:
    finished = _done(study)
    done = [trial for trial in finished if trial.state == optuna.trial.TrialState.COMPLETE]
    of_default = [trial.value for trial in done if default and trial.params == default]
    several = len(done) > 3 and len({trial.value for trial in done}) > 1
    return TuneResult(
        study=study.study_name,
        storage=str(storage),
        trials=len(finished),
        pruned=len(finished) - len(done),
        best_value=float(study.best_value),
        best_settings=study.best_params,
        default_value=of_default[0] if of_default else None,
        importances=dict(optuna.importance.get_param_importances(study)) if several else {},
    )
