"""Write the report: `metrics.json`, CSV tables, `tables.md` and the page, which holds its figures and can be mailed."""

import base64
import importlib.resources
import io
import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import pandas as pd

from kgrec_gds import __version__
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.evaluation.records import Record, Results
from kgrec_gds.evaluation.report.sections import Caution, Heading, Section, sections

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kgrec_gds.data.splits import Protocol
    from kgrec_gds.evaluation.harness import Measured

_IN_JSON = (
    "metrics",
    "comparisons",
    "not_measured",
    "overlap",
    "ranking",
    "ranking_segments",
    "ranking_comparisons",
)


def write_report(
    dataset: Dataset,
    measured: "Mapping[Protocol, Measured]",
    results: Results,
    audit: list[Record],
    out: Path,
) -> list[Path]:
    """Write all files into a folder, in place of those of an earlier evaluation; the page is the last."""
    out.mkdir(parents=True, exist_ok=True)
    page = out / "index.html"
    page.unlink(missing_ok=True)  # no page may stand beside the numbers of another evaluation
    content = {name: getattr(results, name) for name in _IN_JSON}
    metrics, tables = out / "metrics.json", out / "tables.md"
    metrics.write_text(json.dumps(content, indent=1, allow_nan=False), encoding="utf-8")
    written = [metrics]
    for name, records in vars(results).items():
        path = out / f"{name}.csv"
        path.unlink(missing_ok=True)
        if records:
            pd.DataFrame(records).to_csv(path, index=False)
            written.append(path)
    shown = sections(dataset, measured, results, audit)
    as_text = [_markdown(section) for section in shown if section.anchor not in ("training", "data")]
    tables.write_text("\n\n".join(as_text) + "\n", encoding="utf-8")
    page.write_text(_page(dataset, shown), encoding="utf-8")
    return [*written, tables, page]


def _markdown(section: Section) -> str:
    """A section without its figures, which have no place in a text."""
    parts = [f"## {section.title}"]
    for block in section.blocks:
        if isinstance(block, pd.DataFrame):
            parts.append(_markdown_table(block))
        elif isinstance(block, list):
            parts.append("\n".join(f"- {sentence}" for sentence in block))
        elif isinstance(block, str):
            parts.append(f"### {block}" if isinstance(block, Heading) else block)
    return "\n\n".join(parts)


def _markdown_table(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "Not measured."
    lines = [list(frame.columns), ["---"] * len(frame.columns), *frame.itertuples(index=False)]
    return "\n".join("| " + " | ".join(map(_markdown_cell, line)) + " |" for line in lines)


def _markdown_cell(value: object) -> str:
    if isinstance(value, float):
        return "-" if pd.isna(value) else f"{value:.3f}"
    return str(value).replace("|", "\\|")


def _page(dataset: Dataset, shown: list[Section]) -> str:
    template = importlib.resources.files("kgrec_gds.evaluation.report").joinpath("page.html")
    return Template(template.read_text(encoding="utf-8")).substitute(
        summary=escape(
            f"{len(dataset.ratings):,} ratings of {len(dataset.user_ids) - 1:,} users on "
            f"{len(dataset.movies) - 1:,} movies."
        ),
        links="".join(f'<a href="#{section.anchor}">{escape(section.title)}</a>' for section in shown),
        sections="\n".join(
            "\n".join(
                [f'<h2 id="{section.anchor}">{escape(section.title)}</h2>', *map(_html, section.blocks)]
            )
            for section in shown
        ),
        footer=escape(f"kgrec-gds {__version__}. The predictions are in cells/ beside this page."),
    )


def _html(block: Any) -> str:
    if isinstance(block, Heading):
        return f"<h3>{escape(block)}</h3>"
    if isinstance(block, str):
        text = f"<p>{escape(block)}</p>"
        return f'<div class="leaks">{text}</div>' if isinstance(block, Caution) else text
    if isinstance(block, list):
        return f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in block)}</ul>"
    if isinstance(block, dict):
        drawn = (f'<img src="{_data_uri(figure)}" alt="{escape(text)}">' for text, figure in block.items())
        return f'<div class="figures">{"".join(f"<figure>{image}</figure>" for image in drawn)}</div>'
    if block.empty:
        return "<p>Not measured.</p>"
    table = block.to_html(border=0, float_format=lambda value: f"{value:.3f}", na_rep="-", index=False)
    return f'<div class="scroll">{table}</div>'


def _data_uri(figure: "Figure") -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
