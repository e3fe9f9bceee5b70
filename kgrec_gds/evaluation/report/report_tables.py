"""Records as tables for people: frames for the CSV files, HTML for the page."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from kgrec_gds.evaluation.published import PUBLISHED
from kgrec_gds.evaluation.records import DAY_OLD, Record

METRICS = ("mse", "rmse", "mae", "r2", "evs", "medae")
_HEADS = {
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "evs": "EVS",
    "medae": "MedAE",
    "n": "ratings",
}
COLD = ("new_user", "history_0", "new_movie", "unrated_movie")


def by_model(metrics: list[Record], protocol: str, segment: str = "all") -> pd.DataFrame:
    """Means over the seeds, the best model first; `spread` is the deviation of the MSE between seeds."""
    frame = _chosen(metrics, protocol)
    if frame.empty:
        return frame
    part = frame[frame["segment"] == segment]
    means = part.groupby("model")[[*METRICS, "n"]].mean()
    means.insert(1, "spread", part.groupby("model")["mse"].std(ddof=0))
    online = part.groupby("model")["online_history"].first()
    means.insert(0, "online history", ["with" if with_history else "without" for with_history in online])
    older = frame[frame["segment"] == DAY_OLD].groupby("model")["mse"].mean()
    if len(older):
        means["MSE, history a day old"] = older
    return means.sort_values("mse").rename(columns=_HEADS).astype({"ratings": int})


def by_segment(metrics: list[Record], protocol: str) -> pd.DataFrame:
    """Mean squared error of each model (rows) in each segment (columns); the first row counts the ratings."""
    frame = _chosen(metrics, protocol)
    if frame.empty:
        return frame
    table = frame.pivot_table(index="model", columns="segment", values="mse", sort=False)
    order = [segment for segment in dict.fromkeys(frame["segment"]) if segment in table.columns]
    counts = frame.groupby("segment")["n"].first()
    table = table[order].sort_values("all")
    return table.rename(columns={segment: f"{segment} ({counts[segment]:,})" for segment in order})


def differences(
    comparisons: list[Record],
    protocol: str,
    segments: Iterable[str],
    pairs: Iterable[tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """One row a comparison: the difference with its interval, and what it says.

    Args:
        comparisons: all of them.
        protocol: the one to show.
        segments: the ones to show.
        pairs: model and against; all where None.
    """
    wanted, chosen = set(segments), None if pairs is None else set(pairs)
    rows = [
        {
            "model": record["model"],
            "against": record["against"],
            "segment": record["segment"],
            "ratings": record["n"],
            "difference of MSE": record["difference"],
            "95 % interval": interval(record),
            "says": verdict(record),
        }
        for record in comparisons
        if record["protocol"] == protocol
        and record["segment"] in wanted
        and (chosen is None or (record["model"], record["against"]) in chosen)
    ]
    return pd.DataFrame(rows)


def interval(record: Record) -> str:
    """The interval of a comparison, in brackets."""
    if record["low"] is None:
        return "-"
    return f"[{record['low']:+.3f}, {record['high']:+.3f}]"


def verdict(record: Record) -> str:
    """What a comparison says, in one word or two."""
    if record["low"] is None:
        return "nothing to compare"
    if record["high"] < 0:
        return "better"
    return "worse" if record["low"] > 0 else "not shown to differ"


def beside_published(metrics: list[Record]) -> pd.DataFrame:
    """Ours under the protocol `paper` and the published numbers, by model."""
    ours = by_model(metrics, "paper")
    rows: list[dict[str, Any]] = []
    for model, published in PUBLISHED.items():
        if model not in ours.index:
            continue
        row: dict[str, Any] = {"model": model}
        for name, value in published.items():
            row[f"{_HEADS[name]} published"] = value
            row[f"{_HEADS[name]} ours"] = ours.loc[model, _HEADS[name]]
        rows.append(row)
    return pd.DataFrame(rows)


def as_html(frame: pd.DataFrame) -> str:
    """A table for the page; nothing in it can be markup."""
    if frame.empty:
        return "<p>Not measured.</p>"
    named = frame.index.name is not None
    return frame.to_html(
        border=0, float_format=lambda value: f"{value:.3f}", na_rep="-", index=named, escape=True
    )


def _chosen(metrics: list[Record], protocol: str) -> pd.DataFrame:
    frame = pd.DataFrame([record for record in metrics if record["protocol"] == protocol])
    if not frame.empty:
        frame[list(METRICS)] = frame[list(METRICS)].astype(float)  # a null becomes NaN
    return frame
