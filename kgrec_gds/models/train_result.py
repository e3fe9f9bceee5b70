"""What a training measured, as its run folder keeps it."""

from dataclasses import dataclass

from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.run_folder import RunFolder


@dataclass(frozen=True)
class TrainSummary:
    """What a training chose and measured."""

    model_id: str
    model: str
    """Name of the model."""
    protocol: str
    embeddings: str | None
    """Method of the vectors that the model reads."""
    metrics: dict[str, dict[str, dict[str, float]]]
    """By model (the trained one, `baseline_causal`, `global_mean`) and age of the history (`at_once`, `day_old`, `month_old`):
    `mse`, `rmse` and `mae` on the test; empty without test ratings."""
    epochs: int | None
    """Number of epochs that validation chose; None for a model without epochs."""
    history: list[dict[str, float]]
    """By epoch: errors on train and validation."""
    trees: int | None
    """Number of trees that validation chose; None for a model without trees."""
    events: dict[str, int]
    """Number of train, validation and test ratings."""
    cutoffs: dict[str, int]
    """Time at which validation and test begin, epoch seconds UTC (protocol `global`)."""
    ranking: dict[str, float]
    """How the ranking combines its signals, and NDCG@10 on the test (users at the middle of their test ratings) of the
    ranking, `ndcg`, and of popularity alone, `ndcg_popularity`; empty for a model that does not recommend."""


@dataclass(frozen=True)
class TrainResult(TrainSummary):
    """`metrics.json` of a run."""

    fitted_until: dict[str, int]
    """By user id, the time of the last rating that was fitted (protocol `per-user`); empty otherwise."""

    @classmethod
    def read(cls, run: RunFolder) -> "TrainResult":
        """What an earlier training measured.

        Raises:
            ModelRunError: the run is not finished, damaged, or of another version.
        """
        run.check()
        try:
            return cls(**run.read("metrics"))
        except TypeError as error:
            raise ModelRunError(
                f"The metrics of model run {run.model_id} are of another version of kgrec-gds: {error}. Train again."
            ) from error
