"""The command `train`: read the graph, train a model, record the run, and write its predictions if asked to."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kgrec_gds import home
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.pull import available_methods, pull, vectors_cutoff
from kgrec_gds.data.splits import Protocol, split
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.models.distribution import Workers, team
from kgrec_gds.models.registry import DEFAULT_MODEL, build, entry
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.train_result import TrainSummary
from kgrec_gds.models.training import RunSettings, train_along, train_run
from kgrec_gds.progress import Timer, say, stage_bars, warn
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.model_runs import promoted_id, record_run, recording
from kgrec_gds.serving.publish_run import publish_run

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Trained(TrainSummary):
    """A finished training."""

    folder: Path
    """Folder of the model run."""
    predictions_written: int | None
    """Number of predictions in the graph, with `write`."""
    seconds: dict[str, float]
    """Duration by stage."""

    @property
    def as_frame(self) -> "pd.DataFrame":
        """Test errors: columns `model`, `history`, `mse`, `rmse`, `mae`."""
        import pandas as pd

        rows = [
            {"model": model, "history": age, **errors}
            for model, by_age in self.metrics.items()
            for age, errors in by_age.items()
        ]
        return pd.DataFrame(rows, columns=["model", "history", "mse", "rmse", "mae"])


@home.private_files()
def train(
    connection: Connection,
    *,
    model: str = DEFAULT_MODEL,
    protocol: Protocol = "global",
    seed: int = 0,
    embeddings: str | None = None,
    epochs: int | None = None,
    hold_out: bool = False,
    no_publish: bool = False,
    resume: bool = False,
    write: bool = False,
) -> Trained:
    """Train a model on the ratings of the graph; `KnowledgeGraph.train` explains the arguments.

    Raises:
        InputError: nothing to train on, vectors that have seen validation or test ratings, or wrong arguments.
        ModelRunError: no run to resume, or it was started on other data.
    """
    timer = Timer()
    with timer.stage("read"):
        run = RunFolder.latest(finished=False) if resume else None
        if run is not None:
            settings = RunSettings.read(run)
            say(f"{'Recording' if run.finished else 'Resuming'} model run {run.model_id}.")
        else:
            settings = RunSettings(model, protocol, seed, None, _hyperparameters(model, epochs), hold_out)
            settings = _with_embeddings(connection, settings, embeddings)
        _check(settings, write=write)
        if workers := team():
            done = run is not None and run.finished
            workers.text_from_chief("" if done else json.dumps(asdict(settings)))
        dataset = pull(connection, settings.embeddings)
        if run is None or not run.finished:
            refuse_vectors_of_ratings(connection, settings.embeddings, settings.protocol)
            _refuse_vectors_past_validation(connection, dataset)
    with timer.stage("train"), stage_bars() as callback:
        result = train_run(dataset, settings, run, callback=callback)
    dataset.forget()
    with timer.stage("record"):
        run = RunFolder.open(result.model_id)
        with recording(run):
            record_run(connection, run)
            if run.recommends and promoted_id(connection) in (None, run.model_id):
                publish_run(connection, LoadedModel(connection, run, dataset), network=not no_publish)
    written = None
    if write:
        from kgrec_gds.workflows.predict import predict

        with timer.stage("write"):
            written = predict(connection, model_id=run.model_id).predictions_written
    if workers:
        workers.end()
    return Trained(
        **{field.name: getattr(result, field.name) for field in fields(TrainSummary)},
        folder=run.path,
        predictions_written=written,
        seconds=timer.seconds,
    )


def help_to_train(connection: Connection, workers: Workers) -> None:
    """Train along with the chief of the training workers, which records the run.

    Args:
        connection: the database of the chief.
        workers: this process among the training workers.

    Raises:
        ModelRunError: this database holds other data than the chief's, or a worker has ended.
    """
    if text := workers.text_from_chief():
        settings = RunSettings(**json.loads(text))
        train_along(pull(connection, settings.embeddings), settings)
    workers.wait()


def dataset_to_evaluate(connection: Connection, embeddings: str | None, protocols: Sequence[str]) -> Dataset:
    """The data set of an evaluation: all ratings, the chosen vectors, and those of the other methods to compare with.

    Args:
        connection: the database.
        embeddings: method of the vectors, as in `train`.
        protocols: protocols of the evaluation.

    Raises:
        InputError: no ratings, or vectors that have seen validation or test ratings.
    """
    method, others = chosen_method(connection, embeddings), available_methods(connection)
    other_protocols = [protocol for protocol in protocols if protocol != "global"]
    if other_protocols:
        refuse_vectors_of_ratings(connection, method, other_protocols[0])
        others = tuple(other for other in others if vectors_cutoff(connection, other) is None)
    dataset = pull(connection, method, others=others, names=True)
    _refuse_vectors_past_validation(connection, dataset)
    return dataset


def chosen_method(connection: Connection, embeddings: str | None) -> str | None:
    """Method of the vectors to read: the given one, none for `none`, by default the first that the graph has."""
    if embeddings is not None:
        return None if embeddings == "none" else embeddings
    method, *others = available_methods(connection) or (None,)
    if method is None:
        say("The graph has no vectors; continuing without them. Make some with kgrec-gds embed.")
    else:
        also = f" (also in the graph: {', '.join(others)})" if others else ""
        say(f"Reading {method} vectors{also}.")
    return method


def _hyperparameters(model: str, epochs: int | None) -> dict[str, int]:
    if epochs is None:
        return {}
    entry(model)
    try:
        build(model, epochs=epochs)
    except TypeError as error:
        raise InputError(f"Model {model!r} has no number of epochs; leave out --epochs.") from error
    return {"epochs": epochs}


def _with_embeddings(connection: Connection, settings: RunSettings, embeddings: str | None) -> RunSettings:
    if entry(settings.model).reads_vectors:
        return replace(settings, embeddings=chosen_method(connection, embeddings))
    if embeddings not in (None, "none"):
        raise InputError(f"Model {settings.model!r} reads no vectors; leave out --embeddings {embeddings}.")
    return settings


def _check(settings: RunSettings, *, write: bool) -> None:
    """Refuse models whose features contain the rating, except under the protocol `paper`."""
    if not entry(settings.model).recommends:
        if settings.protocol != "paper":
            raise InputError(
                f"Model {settings.model!r} needs --protocol paper, received {settings.protocol!r}: its features contain the "
                "rating that it predicts, so its errors cannot be compared with those of other protocols."
            )
        if write:
            raise InputError(
                f"Cannot write predictions of model {settings.model!r}: its features contain the rating that it predicts. "
                "Leave out --write, or train another model."
            )
    if settings.protocol == "paper":
        warn("The protocol paper leaks: its random split puts ratings of the same day into train and test.")


def refuse_vectors_of_ratings(connection: Connection, method: str | None, protocol: str | None) -> None:
    """Vectors made with ratings fit only the protocol `global`; None stands for time folds."""
    if method is not None and protocol != "global" and vectors_cutoff(connection, method) is not None:
        purpose = f"the protocol {protocol}" if protocol else "time folds"
        raise InputError(
            f"The {method} vectors were made with ratings that {purpose} may test on. Make them without: kgrec-gds embed "
            f"--method {method}; or use --protocol global."
        )


def _refuse_vectors_past_validation(connection: Connection, dataset: Dataset) -> None:
    """Vectors made with ratings see validation ratings once older ratings were imported after them."""
    later = split(dataset.ratings, "global").validation
    if not len(later):
        return
    first = int(dataset.ratings.rated_at[later[0]])
    for method in dataset.methods():
        cutoff = vectors_cutoff(connection, method)
        if cutoff is not None and cutoff > first:
            raise InputError(
                f"The {method} vectors were made with ratings before {cutoff}, but validation begins at {first}. "
                f"Make them again: kgrec-gds embed --method {method} --with-ratings."
            )
