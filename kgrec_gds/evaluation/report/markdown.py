"""The tables as Markdown, for documents beside the code."""

from collections.abc import Hashable, Mapping

import pandas as pd

from kgrec_gds.evaluation.records import GRAPH_PAIRS, Results
from kgrec_gds.evaluation.report import report_tables as tables
from kgrec_gds.evaluation.report.reading import HOW_TO_READ, reading


def render(results: Results, protocols: list[str]) -> str:
    """The main table and its reading; then errors and differences by protocol, ranking, and the published table."""
    honest = [protocol for protocol in protocols if protocol != "paper"]
    parts = []
    if honest:
        sentences = "\n".join(f"- {sentence}" for sentence in reading(results, honest))
        table = tables.main_table(results, honest).reset_index()
        parts += ["## Result", HOW_TO_READ, as_markdown(table), sentences]
    for protocol in honest:
        parts += [f"## Protocol {protocol}", as_markdown(tables.errors(results, protocol))]
        overall = tables.differences(results, protocol, tables.OVERALL)
        if not overall.empty:
            parts += ["Differences in MSE:", as_markdown(overall)]
        cold = tables.differences(results, protocol, tables.COLD_START, graph_pairs(results))
        if not cold.empty:
            parts += ["New users and movies, differences in MSE:", as_markdown(cold)]
    if results.ranking:
        parts += ["## Ranking", as_markdown(tables.ranking(results))]
    if "paper" in protocols:
        parts += ["## Protocol paper: it leaks", as_markdown(tables.beside_published(results))]
        parts += [as_markdown(tables.errors(results, "paper"))]
    return "\n\n".join(parts) + "\n"


def graph_pairs(results: Results) -> list[tuple[str, str]]:
    """Pairs of a model with the graph and without, as far as they were measured."""
    without = ("no_vectors", "no_graph_features", "no_graph")
    pairs = [*GRAPH_PAIRS, *(("attention_lstm", f"attention_lstm:{part}") for part in without)]
    measured = {record["model"] for record in results.metrics}
    return [pair for pair in pairs if set(pair) <= measured]


def as_markdown(frame: pd.DataFrame) -> str:
    """A frame without its index as a Markdown table, numbers with three decimals."""
    if frame.empty:
        return "Not measured."
    lines = ["| " + " | ".join(map(str, frame.columns)) + " |", "|" + " --- |" * len(frame.columns)]
    lines += [
        "| " + " | ".join(_cell(row, column) for column in frame.columns) + " |"
        for row in frame.to_dict("records")
    ]
    return "\n".join(lines)


def _cell(row: Mapping[Hashable, object], column: Hashable) -> str:
    value = row[column]
    if isinstance(value, float):
        return "-" if pd.isna(value) else f"{value:.3f}"
    return str(value).replace("|", "\\|")
