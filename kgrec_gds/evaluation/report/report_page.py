"""The one page that shows it all; everything is inside it, so it can be mailed."""

import importlib.resources
from html import escape
from string import Template
from typing import TYPE_CHECKING

from kgrec_gds import __version__
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.evaluation.records import Record, Results
from kgrec_gds.evaluation.report import data_figures, model_figures, sections
from kgrec_gds.evaluation.report import report_tables as tables
from kgrec_gds.evaluation.report.drawing import as_data_uri
from kgrec_gds.models.inputs import read_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kgrec_gds.data.splits import Protocol
    from kgrec_gds.evaluation.harness import Measured


def render(
    dataset: Dataset, measured: "Mapping[Protocol, Measured]", results: Results, audit: list[Record]
) -> str:
    """The page as HTML text.

    Args:
        dataset: what was measured on.
        measured: cells by protocol.
        results: numbers made of them.
        audit: rows of the leakage audit; may be empty.
    """
    parts = {"data": ("Data", _data_section(dataset))}
    for protocol in measured:
        if protocol == "paper":
            continue
        figure = model_figures.model_comparison(results.metrics, protocol)
        comparison = sections.figures(("MSE by model", as_data_uri(figure)))
        parts[protocol] = (
            f"Protocol {protocol}",
            sections.protocol_section(results, protocol, comparison),
        )
    parts["ranking"] = ("Ranking", sections.ranking_section(results.ranking))
    parts["training"] = ("Training", _training_section(measured))
    parts["audit"] = ("Audit", sections.audit_section(audit))
    if "paper" in measured:
        parts["paper"] = ("Paper", sections.paper_section(results))
    parts["time"] = ("Time", sections.time_section(results.seconds))
    shown = {anchor: part for anchor, part in parts.items() if part[1]}
    template = importlib.resources.files("kgrec_gds.evaluation.report").joinpath("page.html")
    return Template(template.read_text(encoding="utf-8")).substitute(
        summary=escape(summary(dataset, results)),
        links="".join(f'<a href="#{anchor}">{escape(title)}</a>' for anchor, (title, _) in shown.items()),
        sections="\n".join(html for _, html in shown.values()),
        footer=escape(f"kgrec-gds {__version__}. Predictions of every run stand beside this page in cells/."),
    )


def summary(dataset: Dataset, results: Results) -> str:
    """What was measured, and how the shipped model compares with the trees, in words."""
    ratings = dataset.ratings
    words = [
        f"{len(ratings):,} ratings of {len(dataset.user_ids) - 1:,} users on {len(dataset.movies) - 1:,} movies."
    ]
    for record in results.comparisons:
        pair = (record["model"], record["against"], record["segment"])
        if pair == ("default", "trees_graph", "all") and record["protocol"] != "paper":
            words.append(
                f"Under {record['protocol']}, the shipped model against boosted trees on the same features: MSE "
                f"{record['difference']:+.3f} {tables.interval(record)}, {tables.verdict(record)}."
            )
    return " ".join(words)


def _data_section(dataset: Dataset) -> str:
    ratings, inputs = dataset.ratings, read_inputs(dataset)
    drawn = {
        "Rating histogram": data_figures.rating_histogram(ratings),
        "User activity": data_figures.activity(ratings.user_index, "user"),
        "Ratings per movie": data_figures.activity(ratings.movie_index, "movie"),
        "Trend by year": data_figures.trend_by_year(ratings),
        "Trend by month": data_figures.trend_by_month(ratings),
        "Correlations": data_figures.correlation_heatmap(
            ratings.rating, inputs.feature_names, inputs.features
        ),
        "A piece of the graph": data_figures.graph_piece(dataset),
    }
    return sections.section(
        "data", "Data", sections.figures(*[(name, as_data_uri(figure)) for name, figure in drawn.items()])
    )


def _training_section(measured: "Mapping[Protocol, Measured]") -> str:
    shown = []
    for protocol, part in measured.items():
        curves = model_figures.training_curves(part.cells, protocol)
        if curves is not None:
            shown.append((f"Training curves, {protocol}", as_data_uri(curves)))
        attended = next((cell.attention for cell in part.cells if cell.attention is not None), None)
        if attended is not None:
            heat = model_figures.attention_heatmap(attended)
            shown.append((f"Attention, {protocol}", as_data_uri(heat)))
    return sections.section("training", "Training and attention", sections.figures(*shown)) if shown else ""
