"""One training: a data set to a finished run folder, with its test errors beside the simplest baselines."""

import contextlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds import __version__
from kgrec_gds.data.baseline_estimates import baseline_estimates
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.fingerprint import fingerprint
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Protocol, Split, cutoffs, fitted_until, split
from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.models.base import Callback, RatingModel, on_scale
from kgrec_gds.models.delays import HORIZONS
from kgrec_gds.models.distribution import team
from kgrec_gds.models.manifest import read_json, write_json
from kgrec_gds.models.registry import DEFAULT_MODEL, build, entry, model_class, why_not_delayed
from kgrec_gds.models.run_folder import RunFolder, versions
from kgrec_gds.models.train_result import TrainResult
from kgrec_gds.ranking.fit_ranker import fit_ranker, midpoint_ndcg, refit_ranker
from kgrec_gds.ranking.ranker import Ranker

_LEAST_RATINGS = 10
#: Movies whose vectors a run keeps, to tell whether they are still those of its training.
_SAMPLE = 8
#: Folder beside the model's own files: model and ranking fitted on all ratings.
_ALL = "all"
#: Folder of a ranking, and among the checkpoints the file of what was measured of it.
_RANKING = "ranking"


@dataclass(frozen=True)
class RunSettings:
    """What a training was started with."""

    model: str = DEFAULT_MODEL
    """Name in the registry."""
    protocol: Protocol = "global"
    seed: int = 0
    embeddings: str | None = None
    """Method of the vectors, None without."""
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    """Settings of the model that differ from its defaults."""
    hold_out: bool = False
    """Whether the test ratings stay out of what recommends, too."""

    @classmethod
    def read(cls, run: RunFolder) -> "RunSettings":
        """The settings of an existing run.

        Raises:
            ModelRunError: the run has none, or they are of another version.
        """
        try:
            found = cls(**run.read("settings"))
            found.check_types()
            return found
        except TypeError as error:
            raise ModelRunError(
                f"The settings of model run {run.model_id} are of another version of kgrec-gds: {error}. Train again."
            ) from error

    def check_types(self) -> None:
        """Refuse values that no version writes.

        Raises:
            TypeError: a value has another type than its field.
        """
        kinds = {
            "model": str,
            "protocol": str,
            "seed": int,
            "embeddings": str | None,
            "hyperparameters": dict,
        }
        for name, kind in kinds.items():
            if not isinstance(getattr(self, name), kind):
                raise TypeError(f"{name} is {getattr(self, name)!r}")


def train_run(
    dataset: Dataset, settings: RunSettings, run: RunFolder | None = None, *, callback: Callback | None = None
) -> TrainResult:
    """Fit a model and write its run folder; an interrupted run of the attention-LSTM goes on from its last epoch.

    A finished run is left as it is, and its metrics are read.

    Args:
        dataset: ratings, movies, their relations, and vectors of `settings.embeddings`.
        settings: model, protocol, seed, vectors.
        run: an interrupted or finished run; a new one where None.
        callback: called with the progress.

    Raises:
        InputError: unknown model or hyperparameter, or ratings that cannot be split.
        ModelRunError: the run was started on other data, or another process is training it.
    """
    if run is not None and run.finished:
        return TrainResult.read(run)
    count = len(dataset.ratings)
    if count < _LEAST_RATINGS:
        raise InputError(
            f"Too few ratings to train on: {count}; expected at least {_LEAST_RATINGS}. "
            "Import more with kgrec-gds import --ratings FILE."
        )
    parts, made_from = _parts(dataset, settings)
    model = build(settings.model, **settings.hyperparameters)
    run = run or RunFolder.create()
    with run.held():
        _begin(run, settings, dataset, parts, made_from)
        ranking = _fit_ranking(run, settings, dataset, parts, callback)
        model.fit(dataset, parts, settings.seed, callback=callback, checkpoints=run.checkpoints)
        model.save(run.path)
        result = _result(run, settings, model, dataset, parts, ranking)
        if _is_refitted(settings, parts):
            # All ratings, kept beside the fit that has not seen the test.
            model.refit(dataset, parts, settings.seed, callback=callback, checkpoints=run.checkpoints / _ALL)
            model.save(run.path / _ALL)
        run.write("metrics", asdict(result))
        run.finish()
    return result


def train_along(dataset: Dataset, settings: RunSettings) -> None:
    """The fits of `train_run` in another of the training workers, which writes nothing.

    Raises:
        ModelRunError: the workers read different data, or one has ended.
    """
    parts, _ = _parts(dataset, settings)
    model = build(settings.model, **settings.hyperparameters)
    model.fit(dataset, parts, settings.seed)
    if _is_refitted(settings, parts):
        model.refit(dataset, parts, settings.seed)


def _parts(dataset: Dataset, settings: RunSettings) -> tuple[Split, str]:
    """The split and the fingerprint of the data, on which training workers must agree."""
    parts = split(dataset.ratings, settings.protocol, settings.seed).holding("train")
    made_from = fingerprint(dataset, parts, __version__)
    if workers := team():
        workers.agree(made_from)
    return parts, made_from


def _is_refitted(settings: RunSettings, parts: Split) -> bool:
    """Whether model and ranking are fitted once more on all ratings."""
    return entry(settings.model).recommends and not settings.hold_out and len(parts.test) > 0


def _fit_ranking(
    run: RunFolder, settings: RunSettings, dataset: Dataset, parts: Split, callback: Callback | None
) -> dict[str, float]:
    """Fit the ranking, and once more on all ratings; its settings and NDCG, which an interrupted run has already.

    It comes before the model: its dense matrix and the model's features together would take the most memory of all.
    """
    if not entry(settings.model).recommends:
        return {}
    kept = run.checkpoints / f"{_RANKING}.json"
    with contextlib.suppress(OSError, ValueError):  # none, or not whole
        return read_json(kept)
    ranker = fit_ranker(dataset, parts, settings.seed, callback)
    ranker.save(run.path / _RANKING, dataset)
    found = {**asdict(ranker.settings), **midpoint_ndcg(ranker, dataset, parts.test)}
    if _is_refitted(settings, parts):
        ranker = refit_ranker(dataset, parts.everything.train, ranker.settings)
        ranker.save(run.path / _ALL / _RANKING, dataset)
    write_json(kept, found)
    return found


def load_ranker(run: RunFolder, dataset: Dataset, *, on_all: bool = False) -> Ranker:
    """The fitted ranking of a run; with `on_all` the one that was fitted on all ratings, where there is one.

    Raises:
        ModelRunError: the run has none.
    """
    return Ranker.load(_folder(run, on_all=on_all) / _RANKING, dataset)


def _folder(run: RunFolder, *, on_all: bool) -> Path:
    folder = run.path / _ALL
    return folder if on_all and folder.is_dir() else run.path


def load_model(run: RunFolder, dataset: Dataset, *, on_all: bool = False) -> RatingModel:
    """The fitted model of a run, to predict on a data set of the same graph.

    Test ratings may only be predicted by the fit that has not seen them; with `on_all` it is the one on all ratings, for
    what comes after them, unless the run was trained with `hold_out`.

    Raises:
        ModelRunError: the run is not finished or is damaged, or the graph's vectors were made again since its training.
    """
    run.check()
    settings, kept = RunSettings.read(run), run.read("vectors")
    if kept and entry(settings.model).reads_vectors:
        now = _vector_sample(dataset, np.array(list(kept), object))
        if changed := [tconst for tconst, vector in now.items() if vector != kept[tconst]]:
            raise ModelRunError(
                f"The {settings.embeddings} vectors in the graph are not those that model run {run.model_id} was trained "
                f"on: that of {changed[0]} has changed. Train again with kgrec-gds train."
            )
    return model_class(settings.model).load(_folder(run, on_all=on_all))


def errors(predicted: NDArray[np.float32], rating: NDArray[np.float32]) -> dict[str, float]:
    """Mean squared error, its root, and mean absolute error."""
    error = predicted.astype(np.float64) - rating
    mse = float(np.mean(error**2))
    return {"mse": mse, "rmse": mse**0.5, "mae": float(np.mean(np.abs(error)))}


def _begin(run: RunFolder, settings: RunSettings, dataset: Dataset, parts: Split, made_from: str) -> None:
    """Write what the run is started with; refuse to go on with one that was started on other data."""
    if run.holds("data") and run.read("data").get("fingerprint") != made_from:
        raise ModelRunError(
            f"The graph has changed since model run {run.model_id} was started (ratings, movies or vectors), or "
            "kgrec-gds has; a run can only be resumed on the same data. Train anew with kgrec-gds train."
        )
    known = np.unique(dataset.ratings.movie_index[parts.train])[:_SAMPLE]
    run.write("data", {"fingerprint": made_from})
    run.write("vectors", _vector_sample(dataset, dataset.movies.tconst[known]))
    run.write("versions", versions())
    run.write("settings", asdict(settings))


def _vector_sample(dataset: Dataset, movies: NDArray[np.object_]) -> dict[str, list[float]]:
    """Vectors of those of these movies that are in the data set, by tconst."""
    if dataset.vectors is None:
        return {}
    rows = np.flatnonzero(np.isin(dataset.movies.tconst, movies))
    return {dataset.movies.tconst[row]: dataset.vectors.movies[row].tolist() for row in rows.tolist()}


def _result(
    run: RunFolder,
    settings: RunSettings,
    model: RatingModel,
    dataset: Dataset,
    parts: Split,
    ranking: dict[str, float],
) -> TrainResult:
    network = getattr(model, "network", model)
    trees = getattr(model, "trees", None)
    return TrainResult(
        model_id=run.model_id,
        model=settings.model,
        protocol=settings.protocol,
        embeddings=settings.embeddings,
        metrics=_metrics(settings.model, model, dataset, parts),
        epochs=getattr(network, "best_epoch", None),
        history=getattr(network, "history", []),
        trees=getattr(trees, "trees", trees),
        events=parts.counts,
        cutoffs=cutoffs(dataset, parts),
        fitted_until=fitted_until(dataset, parts),
        ranking=ranking,
    )


def _metrics(
    name: str, model: RatingModel, dataset: Dataset, parts: Split
) -> dict[str, dict[str, dict[str, float]]]:
    if not len(parts.test):
        return {}
    test, rating = Queries.of(dataset.ratings.take(parts.test)), dataset.ratings.rating[parts.test]
    fitted = np.union1d(parts.train, parts.validation)
    mean = np.full(len(test), dataset.ratings.rating[fitted].mean(), np.float32)
    found: dict[str, dict[str, dict[str, float]]] = {name: {}, "baseline_causal": {}, "global_mean": {}}
    for horizon, delay in HORIZONS.items():
        queries = test.delayed(delay)
        predicted = {
            "baseline_causal": on_scale(baseline_estimates(dataset, queries).total),
            "global_mean": mean,
            name: model.predict(dataset, queries),
        }
        for each, values in predicted.items():
            found[each][horizon] = errors(values, rating)
        if why_not_delayed(name, parts.protocol):
            break
    return found
