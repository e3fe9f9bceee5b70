"""The main tables as Markdown, for documents that live beside the code."""

from collections.abc import Hashable, Mapping

import pandas as pd

from kgrec_gds.evaluation.records import DAY_OLD, Results
from kgrec_gds.evaluation.report import report_tables as tables

_OVERALL = ("all", "without_heaviest_user", DAY_OLD)


def render(results: Results, protocols: list[str]) -> str:
    """Metrics, differences, graph effect and ranking of each honest protocol, then the published table."""
    parts = []
    for protocol in protocols:
        shown = tables.by_model(results.metrics, protocol).reset_index()
        parts.append(f"### Protocol `{protocol}`\n\n{as_markdown(shown)}")
        if protocol == "paper":
            parts.append(f"Published beside ours:\n\n{as_markdown(tables.beside_published(results.metrics))}")
            continue
        for title, segments, models in (
            ("Differences in MSE", _OVERALL, ("default", "attention_lstm")),
            ("New users and movies: differences in MSE", tables.COLD, ("attention_lstm", "trees_graph")),
        ):
            frame = tables.differences(
                results.comparisons, protocol, segments, _pairs(results, models, segments)
            )
            if not frame.empty:
                parts.append(f"{title}:\n\n{as_markdown(frame)}")
        ranked = [row for row in results.ranking if row["protocol"] == protocol]
        if ranked:
            frame = pd.DataFrame(ranked).drop(columns=["protocol", "seed"])
            parts.append(f"Ranking:\n\n{as_markdown(frame.sort_values('ndcg', ascending=False))}")
    return "\n\n".join(parts) + "\n"


def _pairs(results: Results, models: tuple[str, ...], segments: tuple[str, ...]) -> set[tuple[str, str]]:
    # New users and movies are shown for what takes the graph away; all else for every pair.
    graph = (
        "attention_lstm:no_graph",
        "attention_lstm:no_vectors",
        "attention_lstm:no_graph_features",
        "trees",
    )
    cold = segments == tables.COLD
    return {
        (record["model"], record["against"])
        for record in results.comparisons
        if record["model"] in models
        and (not cold or record["against"] in graph)
        and (record["model"] != "trees_graph" or record["against"] == "trees")
    }


def as_markdown(frame: pd.DataFrame) -> str:
    """A frame as a Markdown table, numbers with three decimals, its index left out."""
    if frame.empty:
        return "Not measured."
    columns = [str(column) for column in frame.columns]
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines.extend(
        "| " + " | ".join(_cell(row, column) for column in frame.columns) + " |"
        for row in frame.to_dict("records")
    )
    return "\n".join(lines)


def _cell(row: Mapping[Hashable, object], column: Hashable) -> str:
    value = row[column]
    if isinstance(value, float):
        return "-" if pd.isna(value) else f"{value:.3f}"
    return str(value).replace("|", "\\|")
