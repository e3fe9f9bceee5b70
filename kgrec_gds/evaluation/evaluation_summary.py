"""The evaluation in a few lines, for the terminal and for `--json`."""

from typing import TYPE_CHECKING

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
        means = {name: sum(record[name] for record in records) / len(records) for name in _METRICS}
        found[protocol, model][horizon] = {name: round(mean, 4) for name, mean in means.items()}
    protocols = list(dict.fromkeys(protocol for protocol, _ in found))
    return sorted(found.values(), key=lambda row: (protocols.index(row["protocol"]), row["at_once"]["mse"]))


def as_table(rows: list[Record]) -> "Table":
    """Mean squared errors for the terminal."""
    from rich.table import Table

    table = Table("protocol", "model", "MSE at once", "a day old", "a month old")
    for row in rows:
        errors = (f"{row[horizon]['mse']:.3f}" if row[horizon] else "-" for horizon in HORIZONS)
        table.add_row(row["protocol"], row["model"], *errors)
    return table
