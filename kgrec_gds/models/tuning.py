"""Search for settings: Optuna over forward-chaining time folds, never over the test, resumable in its storage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
from numpy.typing import NDArray

from kgrec_gds import __version__
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.fingerprint import fingerprint
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import InputError
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.training_progress import Watch
from kgrec_gds.models.trees import SHIPPED, Trees

Tuned = Literal["network", "trees", "paper"]
Sampler = Literal["tpe", "random", "grid"]
FOLDS = 5
_STOPPING_SHARE = 0.15
#: So that the first fold has a few to learn from and to stop on.
_LEAST_EVENTS = 10 * (FOLDS + 1)

#: Values tried of each setting; the grid is their product, random and TPE draw from them.
SPACES: dict[Tuned, dict[str, list[Any]]] = {
    "network": {
        "learning_rate": [5e-4, 1e-3, 2e-3],
        "batch_events": [256, 512, 1024],
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
    "trees": {
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
    """What a search found, all of its trials counted."""

    study: str
    storage: str
    trials: int
    """Finished ones, of this and of earlier calls."""
    pruned: int
    best_value: float
    """Mean squared error on the folds' later parts, averaged."""
    best_settings: dict[str, Any]
    default_value: float | None
    """The same of the preset's own settings, which are tried first (`paper`: with as few epochs as all trials)."""
    importances: dict[str, float]


def time_folds(
    events: NDArray[np.int64], rated_at: NDArray[np.int64], folds: int = FOLDS
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Forward chaining: each fold trains on all events before its block, and validates on the block.

    Events of one moment are of one block, so there are fewer folds where many share one.

    Args:
        events: event rows in time order, those of the test left out.
        rated_at: their moments.
        folds: number of blocks that are validated; the first block is only trained on.
    """
    bounds = np.linspace(0, len(events), folds + 2).astype(int)
    bounds[1:-1] = np.searchsorted(rated_at, rated_at[bounds[1:-1]])
    for low, high in pairwise(np.unique(bounds)[1:].tolist()):
        yield events[:low], events[low:high]


def plain_folds(
    events: NDArray[np.int64], folds: int = FOLDS, seed: int = 0
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Shuffled folds, for the protocol `paper` only: neighbours of one user fall on both sides."""
    parts = np.array_split(np.random.default_rng(seed).permutation(events), folds)
    for number, part in enumerate(parts):
        rest = np.concatenate([other for place, other in enumerate(parts) if place != number])
        yield np.sort(rest), np.sort(part)


def tune(
    dataset: Dataset,
    split: Split,
    storage: Path,
    *,
    what: Tuned = "network",
    trials: int = 20,
    sampler: Sampler = "tpe",
    seed: int = 0,
    space: dict[str, list[Any]] | None = None,
    watch: Watch | None = None,
) -> TuneResult:
    """Try settings until `trials` are done, those of earlier calls with the same storage included.

    Args:
        dataset: the log.
        split: whose test part is never touched.
        storage: SQLite file; an interrupted search goes on from it.
        what: `network`, `trees`, or `paper` (plain folds).
        trials: number of trials in all.
        sampler: how settings are drawn.
        seed: of the sampler and of each training.
        space: values to try by setting; by default those of `SPACES`.
        watch: is told of each trial.

    Raises:
        InputError: no value to try, or too few ratings or moments for the folds.
    """
    values = space or SPACES[what]
    if not values or not all(values.values()):
        raise InputError("A search should have at least one value for each setting; received none.")
    folds = _folds(dataset, split, plain=what == "paper", seed=seed)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage.parent.mkdir(parents=True, exist_ok=True)
    # Errors on other data, or of other values, are no trials of this search.
    made_from = fingerprint(dataset, split, f"{__version__} {values}")[:8]
    study = optuna.create_study(
        study_name=f"{what}-{split.protocol}-{sampler}-{seed}-{made_from}",
        storage=f"sqlite:///{storage}",
        load_if_exists=True,
        direction="minimize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1),
    )
    default = {name: value for name, value in _defaults(what).items() if value in values.get(name, [])}
    waiting = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.WAITING,))
    if sampler != "grid" and not _done(study) and not waiting and len(default) == len(values):
        study.enqueue_trial(default)

    def objective(trial: optuna.Trial) -> float:
        chosen = {name: trial.suggest_categorical(name, options) for name, options in values.items()}
        errors: list[float] = []
        for number, (train, later) in enumerate(folds):
            errors.append(_fold_error(what, dataset, chosen, train, later, seed=seed))
            trial.report(float(np.mean(errors)), number)
            if trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(errors))

    for number in range(len(_done(study)), trials):
        study.sampler = _sampler(sampler, values, seed, number)
        if isinstance(study.sampler, optuna.samplers.GridSampler) and study.sampler.is_exhausted(study):
            break
        study.optimize(objective, n_trials=1)
        if watch:
            watch("trials", number + 1, trials)
    return _result(study, storage, default)


def _folds(
    dataset: Dataset, split: Split, *, plain: bool, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    events = np.union1d(split.train, split.validation)
    if len(events) < _LEAST_EVENTS:
        raise InputError(
            f"A search should have at least {_LEAST_EVENTS} ratings before the test; the graph holds {len(events)}. "
            "Import more: kgrec-gds import --ratings FILE."
        )
    if plain:
        return list(plain_folds(events, seed=seed))
    if folds := list(time_folds(events, dataset.ratings.rated_at[events])):
        return folds
    raise InputError(
        f"A search should have ratings of several moments; all {len(events)} before the test are of one. "
        "Import others: kgrec-gds import --ratings FILE."
    )


def _done(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Trials that came to an end; an interrupted one is tried again."""
    states = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
    return study.get_trials(deepcopy=False, states=states)


def _fold_error(
    what: Tuned,
    dataset: Dataset,
    chosen: dict[str, Any],
    train: NDArray[np.int64],
    later: NDArray[np.int64],
    *,
    seed: int,
) -> float:
    # The network's epochs are a setting; the others stop on a part of what they may train on: the last, as time folds
    # are divided, or any, as the published ones are.
    if what == "paper":
        train = np.random.default_rng(seed).permutation(train)
    stop = len(train) if what == "network" else int(len(train) * (1 - _STOPPING_SHARE))
    model = _model(what, chosen)
    # All folds share the log: histories are causal, so what is later than an event is not seen by it.
    fitted, stopping = np.sort(train[:stop]), np.sort(train[stop:])
    parts = Split("paper" if what == "paper" else "global", fitted, stopping, later)
    model.fit(dataset, parts, seed)
    return float(np.mean((model.predict(dataset, later) - dataset.ratings.rating[later]) ** 2))


def _model(what: Tuned, chosen: dict[str, Any]) -> Any:
    if what == "network":
        # One network: settings are compared with each other, and a mean of several costs as many times the work.
        return AttentionLstm(Settings(members=1).replace(**chosen))
    if what == "trees":
        return Trees(graph=True, settings=replace(SHIPPED, **chosen))
    from kgrec_gds.models.paper import PaperLstm, PaperSettings

    return PaperLstm(replace(PaperSettings(epochs=10), **chosen))


def _defaults(what: Tuned) -> dict[str, Any]:
    if what == "network":
        return Settings().as_dict()
    if what == "trees":
        return vars(SHIPPED)
    from kgrec_gds.models.paper import PaperSettings

    return vars(PaperSettings())


def _sampler(
    name: Sampler, values: dict[str, list[Any]], seed: int, number: int
) -> optuna.samplers.BaseSampler:
    """For one trial: an interrupted search goes on as it would have gone on."""
    made: dict[str, Callable[[], optuna.samplers.BaseSampler]] = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed + number),
        "random": lambda: optuna.samplers.RandomSampler(seed=seed + number),
        "grid": lambda: optuna.samplers.GridSampler(values, seed=seed),
    }
    return made[name]()


def _result(study: optuna.Study, storage: Path, default: dict[str, Any]) -> TuneResult:
    ended = _done(study)
    done = [trial for trial in ended if trial.state == optuna.trial.TrialState.COMPLETE]
    of_default = [trial.value for trial in done if default and trial.params == default]
    several = len(done) > 3 and len({trial.value for trial in done}) > 1
    return TuneResult(
        study=study.study_name,
        storage=str(storage),
        trials=len(ended),
        pruned=len(ended) - len(done),
        best_value=float(study.best_value),
        best_settings=study.best_params,
        default_value=of_default[0] if of_default else None,
        importances=dict(optuna.importance.get_param_importances(study)) if several else {},
    )
