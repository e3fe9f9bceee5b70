"""The command `tune`: search for hyperparameters on folds that never touch the test."""

from dataclasses import dataclass
from pathlib import Path

from kgrec_gds import home
from kgrec_gds.data.pull import pull
from kgrec_gds.data.splits import split
from kgrec_gds.database.connection import Connection
from kgrec_gds.models.tuning import Sampler, Tuned, TuneResult
from kgrec_gds.models.tuning import tune as search
from kgrec_gds.progress import Timer, stage_bars
from kgrec_gds.workflows.train import chosen_method, refuse_vectors_of_ratings


@dataclass(frozen=True)
class Search(TuneResult):
    """The outcome of a search."""

    seconds: dict[str, float]
    """Duration by stage."""


@home.private_files()
def tune(
    connection: Connection,
    *,
    model: Tuned = "attention_lstm",
    trials: int = 20,
    sampler: Sampler = "tpe",
    seed: int = 0,
    embeddings: str | None = None,
    storage: Path | None = None,
) -> Search:
    """Try settings of a model until `trials` are done; an interrupted search continues.

    Args:
        connection: the database.
        model: `attention_lstm`, `trees_graph` or `paper`.
        trials: number of trials, those of earlier calls included.
        sampler: how settings are drawn: `tpe`, `random` or `grid`.
        seed: seed of the sampler and of each training.
        embeddings: method of the vectors, as in `train`.
        storage: SQLite file of the search; by default `tuning.db` in the tool's home.

    Raises:
        InputError: too few ratings, or vectors that have seen ratings of the folds.
    """
    timer = Timer()
    with timer.stage("read"):
        method = chosen_method(connection, embeddings)
        refuse_vectors_of_ratings(connection, method, None)
        dataset = pull(connection, method)
        parts = split(dataset.ratings, "paper" if model == "paper" else "global")
    with timer.stage("tune"), stage_bars() as callback:
        result = search(
            dataset,
            parts,
            storage or home.home() / "tuning.db",
            model=model,
            trials=trials,
            sampler=sampler,
            seed=seed,
            callback=callback,
        )
    return Search(**vars(result), seconds=timer.seconds)
