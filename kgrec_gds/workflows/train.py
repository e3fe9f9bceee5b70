"""From the graph through the pure rooms: what `train`, `tune` and `evaluate` read and do once connected."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import Progress as Bars

from kgrec_gds import home
from kgrec_gds.data.splits import Protocol
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training_progress import Watch
from kgrec_gds.progress import Timer, bars, say

if TYPE_CHECKING:
    from kgrec_gds.data.dataset import Dataset
    from kgrec_gds.models.training import RunSettings


def train_from_graph(
    graph: Connection,
    *,
    embeddings: str | None = None,
    protocol: Protocol = "global",
    preset: str = "default",
    seed: int = 0,
    epochs: int | None = None,
    members: int | None = None,
    write: bool = False,
    go_on: bool = False,
    resume: bool = False,
) -> dict[str, Any]:
    """Pull, train, record the run; the command's `--json`.

    Args:
        graph: the connection.
        embeddings: method of the vectors, `none` for none; by default the preferred among those present.
        protocol: how events are divided.
        preset: name of the settings.
        seed: of everything that is drawn.
        epochs: most epochs, by default the preset's; of a run that is continued all, by default two.
        members: networks side by side, by default the preset's, or those of a run that is continued.
        write: predict and write too.
        go_on: start from the last finished run's weights.
        resume: finish the last interrupted run, with its settings.

    Raises:
        InputError: nothing to train on, vectors that know too much, or what the preset cannot do.
        ModelRunError: no run to resume or to continue, or not on this graph.
    """
    timer = Timer()
    with timer.stage("windows"):
        from kgrec_gds.data.pull import pull
        from kgrec_gds.models.training import RunSettings, train_run

        if resume:
            run, settings = _interrupted()
        else:
            changes = {name: value for name, value in (("epochs", epochs), ("members", members)) if value}
            run, settings = None, RunSettings(protocol, preset, seed)
            settings = _continuing(settings, changes) if go_on else _changed(settings, changes)
            settings = replace(settings, embeddings=chosen_method(graph, embeddings))
        _refuse_what_leaks(settings, write=write)
        _refuse_late_vectors(graph, settings.embeddings, settings.protocol)
        dataset = pull(graph, settings.embeddings)
        _refuse_vectors_past_validation(graph, dataset)
    with timer.stage("train"), bars() as display:
        result = train_run(dataset, settings, run, watch=bar(display))
        run = RunFolder.open(result.model_id)
        _record(graph, run, settings, result)
    written = None
    if write:
        with timer.stage("write"):
            from kgrec_gds.workflows.predict import predict

            written = predict(graph, model_id=run.model_id).predictions_written
    return {
        **asdict(result),
        "folder": str(run.path),
        "predictions_written": written,
        "seconds": timer.seconds,
    }


def tune_from_graph(
    graph: Connection,
    *,
    embeddings: str | None = None,
    what: Any = "network",
    storage: Path | None = None,
    **options: Any,
) -> Any:
    """Pull and search; see `train.tune.tune`.

    Args:
        graph: the connection.
        embeddings: method of the vectors, as in `train_from_graph`.
        what: `network`, `trees` or `paper`.
        storage: SQLite file, by default in the tool's home.
        options: `trials`, `sampler`, `seed`.

    Raises:
        InputError: nothing to read, or vectors that know too much.
    """
    from kgrec_gds.data.pull import pull
    from kgrec_gds.data.splits import split
    from kgrec_gds.models.tuning import tune

    method = chosen_method(graph, embeddings)
    _refuse_late_vectors(graph, method, None)
    dataset = pull(graph, method)
    parts = split(dataset.ratings, "paper" if what == "paper" else "global")
    with bars() as display:
        return tune(
            dataset, parts, storage or home.home() / "tuning.db", what=what, watch=bar(display), **options
        )


def pull_to_evaluate(graph: Connection, embeddings: str | None, protocols: Sequence[str]) -> "Dataset":
    """The graph as `evaluate` reads it, with the vectors of the other methods beside, to compare by.

    Args:
        graph: the connection.
        embeddings: method of the vectors, as in `train_from_graph`.
        protocols: under which it will be evaluated.

    Raises:
        InputError: nothing to read, or vectors that know too much.
    """
    from kgrec_gds.data.pull import available_methods, made_with_ratings, pull

    method, others = chosen_method(graph, embeddings), available_methods(graph)
    beyond = [protocol for protocol in protocols if protocol != "global"]
    if beyond:
        _refuse_late_vectors(graph, method, beyond[0])
        others = tuple(other for other in others if not made_with_ratings(graph, other))
    dataset = pull(graph, method, others=others, names=True)
    _refuse_vectors_past_validation(graph, dataset)
    return dataset


def chosen_method(graph: Connection, wanted: str | None) -> str | None:
    """The vectors to read; where none were asked for, the preferred among those present, said aloud."""
    if wanted is not None:
        return None if wanted == "none" else wanted
    from kgrec_gds.data.pull import available_methods

    method, *others = available_methods(graph) or (None,)
    if method is None:
        say("No vectors in the graph: going on without them. `kgrec-gds embed` makes some.")
    else:
        beside = f" (also present: {', '.join(others)})" if others else ""
        say(f"Reading {method} vectors{beside}.")
    return method


def bar(display: Bars) -> Watch:
    """A watch that shows each kind of work as a bar."""
    tasks: dict[str, Any] = {}

    def told(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = display.add_task(what, total=total)
        display.update(tasks[what], completed=done, total=total)

    return told


def _changed(settings: "RunSettings", changes: dict[str, int]) -> "RunSettings":
    """Settings with other epochs or members of the preset's network."""
    if settings.preset != "paper":
        return replace(settings, network=settings.network.replace(**changes))
    if "members" in changes:
        raise InputError("The preset paper should be one network, as published; leave --members out.")
    return replace(settings, paper=replace(settings.paper, **changes))


def _continuing(settings: "RunSettings", changes: dict[str, int]) -> "RunSettings":
    """Settings of the last finished run, to start from its weights."""
    from kgrec_gds.models.training import CONTINUED_EPOCHS, RunSettings

    before = RunFolder.latest()
    theirs = RunSettings.read(before)
    if "paper" in (settings.preset, settings.protocol) or settings.protocol != theirs.protocol:
        raise InputError(
            f"--continue should go on with the protocol and preset of {before.model_id}, {theirs.protocol} and "
            f"{theirs.preset}, and neither should be paper, whose test is drawn at random; received "
            f"{settings.protocol} and {settings.preset}."
        )
    say(f"Starting from the weights of {before.model_id}.")
    network = theirs.network.replace(**{"epochs": CONTINUED_EPOCHS, **changes})
    return replace(settings, network=network, continued_from=before.model_id)


def _refuse_what_leaks(settings: "RunSettings", *, write: bool) -> None:
    """The preset `paper` is to compare with only; that it leaks is said aloud."""
    if settings.preset != "paper":
        return
    if write:
        raise InputError(
            "The preset paper should not be written: it needs the rating it predicts, so it has nothing to say about "
            "unseen movies. Leave --write out, or train the preset default."
        )
    from kgrec_gds.models.paper import WARNING

    say(WARNING)


def _interrupted() -> tuple[RunFolder, "RunSettings"]:
    from kgrec_gds.models.training import RunSettings

    run = RunFolder.latest(finished=False)
    say(f"Going on with {run.model_id}.")
    return run, RunSettings.read(run)


def _refuse_late_vectors(graph: Connection, method: str | None, protocol: str | None) -> None:
    """Vectors made with ratings know what other protocols than `global`, and folds of time (None), ask for."""
    from kgrec_gds.data.pull import made_with_ratings

    if method is not None and protocol != "global" and made_with_ratings(graph, method):
        asked = f"The protocol {protocol}" if protocol else "A search on folds of time"
        raise InputError(
            f"{asked} should have vectors made without ratings; the {method} vectors were made with them. Make them "
            f"again by kgrec-gds embed --method {method}, or keep to train and evaluate with --protocol global."
        )


def _refuse_vectors_past_validation(graph: Connection, dataset: "Dataset") -> None:
    """Vectors made with ratings were made before older ratings came, and validation starts sooner now."""
    from kgrec_gds.data.pull import vectors_cutoff
    from kgrec_gds.data.splits import split

    later = split(dataset.ratings, "global").validation
    if not len(later):
        return
    first = int(dataset.ratings.rated_at[later[0]])
    for method in dataset.methods():
        cutoff = vectors_cutoff(graph, method)
        if cutoff is not None and cutoff > first:
            raise InputError(
                f"Vectors made with ratings should know none of the validation's, which begins at {first}; the {method} "
                f"vectors know those before {cutoff}. Make them again: kgrec-gds embed --method {method} --with-ratings."
            )


def _record(graph: Connection, run: RunFolder, settings: "RunSettings", result: Any) -> None:
    graph.run(
        "serving/record_run",
        id=run.model_id,
        kind="attention_lstm" if settings.preset == "paper" else "default",
        protocol=settings.protocol,
        preset=settings.preset,
        seed=settings.seed,
        embeddings=settings.embeddings,
        cutoff=result.cutoffs.get("test"),
        metrics=json.dumps(result.metrics),
        parameters=json.dumps(settings.parameters),
        versions=json.dumps(run.read("versions")),
    )
