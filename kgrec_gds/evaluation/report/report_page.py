"""The page: the main table and its reading, then everything else; figures are inside, so that it can be mailed."""

import importlib.resources
from collections.abc import Mapping
from html import escape
from string import Template
from typing import TYPE_CHECKING

from kgrec_gds import __version__
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.evaluation.records import Record, Results
from kgrec_gds.evaluation.report import data_figures, model_figures, sections
from kgrec_gds.evaluation.report.drawing import as_data_uri
from kgrec_gds.features.table import Features

if TYPE_CHECKING:
    from kgrec_gds.data.splits import Protocol
    from kgrec_gds.evaluation.harness import Measured


def render(
    dataset: Dataset, measured: "Mapping[Protocol, Measured]", results: Results, audit: list[Record]
) -> str:
    """The page as HTML.

    Args:
        dataset: what was measured on.
        measured: cells by protocol.
        results: the numbers made of them.
        audit: rows of the leakage audit; may be empty.
    """
    honest = [protocol for protocol in measured if protocol != "paper"]
    parts = {"result": ("Result", sections.result_section(results, list(honest)) if honest else "")}
    for protocol in honest:
        figure = model_figures.model_comparison(results.metrics, protocol)
        comparison = sections.figures(("MSE by model and history", as_data_uri(figure)))
        parts[protocol] = (
            f"Protocol {protocol}",
            sections.protocol_section(results, protocol, comparison),
        )
    parts["ranking"] = ("Ranking", sections.ranking_section(results))
    parts["audit"] = ("Audit", sections.audit_section(audit))
    if "paper" in measured:
        parts["paper"] = ("Paper", sections.paper_section(results))
    parts["training"] = ("Training", _training_section(measured))
    parts["data"] = ("Data", _data_section(dataset))
    parts["time"] = ("Time", sections.time_section(results.seconds))
    shown = {anchor: part for anchor, part in parts.items() if part[1]}
    template = importlib.resources.files("kgrec_gds.evaluation.report").joinpath("page.html")
    return Template(template.read_text(encoding="utf-8")).substitute(
        summary=escape(
            f"{len(dataset.ratings):,} ratings of {len(dataset.user_ids) - 1:,} users on "
            f"{len(dataset.movies) - 1:,} movies."
        ),
        links="".join(f'<a href="#{anchor}">{escape(title)}</a>' for anchor, (title, _) in shown.items()),
        sections="\n".join(html for _, html in shown.values()),
        footer=escape(f"kgrec-gds {__version__}. The predictions are in cells/ beside this page."),
    )


def _data_section(dataset: Dataset) -> str:
    ratings, features = dataset.ratings, dataset.derive(Features)
    names = tuple(name for name in data_figures.CORRELATED if name in features.names)
    values = features.table(Queries.of(ratings), names).values
    drawn = {
        "Histogram of ratings": data_figures.rating_histogram(ratings),
        "Ratings by user": data_figures.activity(ratings.user_index, "user"),
        "Ratings by movie": data_figures.activity(ratings.movie_index, "movie"),
        "Ratings by year": data_figures.trend_by_year(ratings),
        "Ratings by month": data_figures.trend_by_month(ratings),
        "Correlations of features": data_figures.correlation_heatmap(ratings.rating, names, values),
        "Part of the graph": data_figures.graph_around_most_rated(dataset),
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
        weights = next((cell.attention for cell in part.cells if cell.attention is not None), None)
        if weights is not None and len(weights):
            shown.append((f"Attention, {protocol}", as_data_uri(model_figures.attention_heatmap(weights))))
    return sections.section("training", "Training and attention", sections.figures(*shown)) if shown else ""
