"""The evaluation in a few lines, for the terminal and for `--json`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgrec_gds.evaluation.records import Record
from kgrec_gds.workflows.evaluate import Evaluation

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class Outcome:
    """What `evaluate` prints."""

    report: str
    """The page."""
    metrics: str
    """The file of all numbers."""
    models: list[Record]
    """By protocol and model, the best first: `protocol`, `model`, `mse`, `rmse`, `mae`, `online_history`."""
    comparisons: list[Record]
    """Of the shipped model and the network, over all test ratings."""
    seconds: dict[str, float]


def outcome(done: Evaluation, seconds: dict[str, float]) -> Outcome:
    """The headline of an evaluation; means over seeds."""
    from kgrec_gds.evaluation.report.report_tables import by_model

    models: list[Record] = []
    for protocol in dict.fromkeys(record["protocol"] for record in done.results.metrics):
        for model, row in by_model(done.results.metrics, protocol).iterrows():
            models.append(
                {
                    "protocol": protocol,
                    "model": model,
                    "mse": round(float(row["MSE"]), 4),
                    "rmse": round(float(row["RMSE"]), 4),
                    "mae": round(float(row["MAE"]), 4),
                    "online_history": row["online history"] == "with",
                }
            )
    overall = [record for record in done.results.comparisons if record["segment"] == "all"]
    return Outcome(str(done.page), str(done.folder / "metrics.json"), models, overall, seconds)


def as_text(result: Outcome) -> "RenderableType":
    """A table for the terminal."""
    from rich.console import Group
    from rich.table import Table

    table = Table("protocol", "model", "MSE", "RMSE", "MAE", "online history")
    for row in result.models:
        numbers = [f"{row[name]:.3f}" for name in ("mse", "rmse", "mae")]
        table.add_row(row["protocol"], row["model"], *numbers, "with" if row["online_history"] else "without")
    return Group(table, f"The report: {result.report}")
