"""The evaluation in a few lines, for the terminal and for `--json`."""

from typing import TYPE_CHECKING, Any

from kgrec_gds.evaluation.records import Record, Results
from kgrec_gds.models.delays import HORIZONS

if TYPE_CHECKING:
    from rich.table import Table

_METRICS = ("mse", "rmse", "mae")


def summary(results: Results) -> list[Record]:
    """One record a protocol and model, the lowest error at once first; means over the seeds.

    Returns:
        `protocol`, `model`, `online_history`, and by horizon `mse`, `rmse` and `mae`, null where there is no error.
    """
    found: dict[tuple[str, str], Record] = {}
    values: dict[tuple[str, str, str], list[Record]] = {}
    for record in results.metrics:
        if record["segment"] == "all":
            key = record["protocol"], record["model"]
            found[key] = {
                "protocol": key[0],
                "model": key[1],
                "online_history": record["online_history"],
                **dict.fromkeys(HORIZONS),
            }
            values.setdefault((*key, record["horizon"]), []).append(record)
    for (protocol, model, horizon), records in values.items():
        found[protocol, model][horizon] = {
            metric: round(sum(record[metric] for record in records) / len(records), 4) for metric in _METRICS
        }
    protocols = list(dict.fromkeys(protocol for protocol, _ in found))
    return sorted(found.values(), key=lambda row: (protocols.index(row["protocol"]), row["at_once"]["mse"]))


def as_table(rows: list[Record]) -> "Table":
    """Mean squared errors for the terminal."""
    from rich.table import Table

    table = Table("protocol", "model", "MSE at once", "a day old", "a month old")
    for row in rows:
        table.add_row(row["protocol"], row["model"], *(_number(row[horizon]) for horizon in HORIZONS))
    return table


def _number(errors: dict[str, Any] | None) -> str:
    return "-" if errors is None else f"{errors['mse']:.3f}"
