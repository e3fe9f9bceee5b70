"""Records as tables for people."""

import itertools
from collections.abc import Iterable
from typing import Any

import pandas as pd

from kgrec_gds.evaluation.published import PUBLISHED
from kgrec_gds.evaluation.records import Record, Results
from kgrec_gds.models.delays import HORIZONS

COLD_START = ("new_user", "history_0", "new_movie", "unrated_movie")
OVERALL = ("all", "without_heaviest_user")
HORIZON_NAMES = {"at_once": "at once", "day_old": "a day old", "month_old": "a month old"}
_HEADS = {
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "evs": "explained variance",
    "medae": "median absolute error",
}
METRICS = tuple(_HEADS)


def main_table(results: Results, protocols: Iterable[str]) -> pd.DataFrame:
    """Mean squared error of each model by protocol and horizon, the lowest first; means over the seeds."""
    frame = _overall(results.metrics)
    frame = frame[~frame["model"].str.contains(":")]
    table = frame.pivot_table(index="model", columns=["protocol", "horizon"], values="mse", observed=True)
    measured = [protocol for protocol in protocols if protocol in table.columns.get_level_values(0)]
    columns = list(itertools.product(measured, HORIZONS))
    table = table.reindex(columns=pd.MultiIndex.from_tuples(columns)).sort_values(columns[0])
    table.columns = pd.Index([f"{protocol}, {HORIZON_NAMES[horizon]}" for protocol, horizon in columns])
    return table


def errors(results: Results, protocol: str) -> pd.DataFrame:
    """All metrics of each model and horizon under one protocol, means over the seeds, the lowest error first.

    `spread` is the standard deviation of the MSE between seeds.
    """
    frame = _overall(results.metrics)
    frame = frame[frame["protocol"] == protocol]
    grouped = frame.groupby(["model", "horizon"], observed=True)
    table = grouped[list(METRICS)].mean()
    table.insert(1, "spread", grouped["mse"].std(ddof=0))
    online = grouped["online_history"].first().map({True: "yes", False: "no"})
    table.insert(0, "history after the fit", online)
    best = table.groupby(level="model")["mse"].first().sort_values().index
    table = table.reindex(best, level="model").rename(columns=_HEADS).reset_index()
    table["horizon"] = table["horizon"].map(HORIZON_NAMES).astype(str)
    return table.rename(columns={"horizon": "history"})


def by_segment(results: Results, protocol: str) -> pd.DataFrame:
    """Mean squared error of each model and horizon (rows) in each segment (columns, with the number of ratings)."""
    frame = _numbers([record for record in results.metrics if record["protocol"] == protocol])
    table = frame.pivot_table(index=["model", "horizon"], columns="segment", values="mse", observed=True)
    order = [segment for segment in dict.fromkeys(frame["segment"]) if segment in table.columns]
    counts = frame.groupby("segment")["n"].first()
    best = table["all"].groupby(level="model").first().sort_values().index
    table = table[order].reindex(best, level="model").reset_index()
    table["horizon"] = table["horizon"].map(HORIZON_NAMES).astype(str)
    heads = {segment: f"{segment} ({counts[segment]:,})" for segment in order}
    return table.rename(columns={**heads, "horizon": "history"})


def differences(
    results: Results, protocol: str, segments: Iterable[str], pairs: Iterable[tuple[str, str]] | None = None
) -> pd.DataFrame:
    """One row a pair of models (of all pairs where None) and segment: the difference in MSE at each horizon."""
    wanted, chosen = set(segments), None if pairs is None else set(pairs)
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for record in results.comparisons:
        key = model, against, segment = record["model"], record["against"], record["segment"]
        if record["protocol"] != protocol or segment not in wanted:
            continue
        if chosen is not None and key[:2] not in chosen:
            continue
        row = rows.setdefault(
            key,
            {"model": model, "against": against, "segment": segment, "ratings": record["n"]}
            | dict.fromkeys(HORIZON_NAMES.values(), "-"),
        )
        row[HORIZON_NAMES[record["horizon"]]] = difference(record)
    return pd.DataFrame(list(rows.values()))


def difference(record: Record, *, lower_is_better: bool = True) -> str:
    """A comparison as text: difference, interval, and what the interval shows."""
    low, high = record["low"], record["high"]
    if low is None:
        return "-"
    below, above = ("better", "worse") if lower_is_better else ("worse", "better")
    verdict = below if high < 0 else above if low > 0 else "no difference shown"
    return f"{record['difference']:+.3f} [{low:+.3f}, {high:+.3f}] {verdict}"


def beside_published(results: Results) -> pd.DataFrame:
    """Our numbers under the protocol `paper` beside the published ones, by model."""
    frame = _overall(results.metrics)
    ours = frame[frame["protocol"] == "paper"].groupby("model")[list(METRICS)].mean()
    rows: list[dict[str, Any]] = []
    for model, published in PUBLISHED.items():
        if model in ours.index:
            row: dict[str, Any] = {"model": model}
            for name, value in published.items():
                row[f"{_HEADS[name]}, published"] = value
                row[f"{_HEADS[name]}, ours"] = ours.loc[model, name]
            rows.append(row)
    return pd.DataFrame(rows)


def ranking(results: Results, cases: str, relevant: str) -> pd.DataFrame:
    """Ranking metrics by model in one kind of cases, the best NDCG first."""
    frame = pd.DataFrame(results.ranking)
    frame = frame[(frame["cases"] == cases) & (frame["relevant"] == relevant)].sort_values(
        "ndcg", ascending=False
    )
    spans = zip(frame["ndcg_low"], frame["ndcg_high"], strict=True)
    frame.insert(4, "95 %", [f"[{low:.3f}, {high:.3f}]" for low, high in spans])
    return frame.drop(columns=["cases", "relevant", "ndcg_low", "ndcg_high"])


def ranking_by_segment(results: Results, cases: str) -> pd.DataFrame:
    """NDCG of each model (rows) by length of the user's history (columns), liked movies relevant."""
    frame = pd.DataFrame(results.ranking_segments)
    frame = frame[(frame["cases"] == cases) & (frame["relevant"] == "liked")]
    users = frame.groupby("segment")["users"].max()
    order = [name for name in ("new_user", "history_1", "history_10", "history_100") if name in users.index]
    table = frame.pivot_table(index="model", columns="segment", values="ndcg", sort=False)[order]
    table.columns = pd.Index([f"{name} ({users[name]:,} users)" for name in order])
    return table.reset_index()


def ranking_differences(results: Results, models: Iterable[str]) -> pd.DataFrame:
    """Difference in NDCG between these models and every other, by kind of cases and relevant movies."""
    wanted = set(models)
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for record in results.ranking_comparisons:
        if record["model"] in wanted:
            row = rows.setdefault(
                (record["model"], record["against"]), {"model": record["model"], "against": record["against"]}
            )
            row[f"{record['cases']}, {record['relevant']}"] = difference(record, lower_is_better=False)
    return pd.DataFrame(list(rows.values()))


def _overall(metrics: list[Record]) -> pd.DataFrame:
    return _numbers([record for record in metrics if record["segment"] == "all"])


def _numbers(metrics: list[Record]) -> pd.DataFrame:
    frame = pd.DataFrame(metrics)
    frame["horizon"] = pd.Categorical(frame["horizon"], list(HORIZONS))
    frame[list(METRICS)] = frame[list(METRICS)].astype(float)  # a null becomes NaN
    return frame
