"""An explanation as one HTML page that loads nothing: attention drawn, and an interactive subgraph."""

from datetime import UTC, datetime
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from kgrec_gds.explanations.explanation import AttendedStep, Contributions, Explanation
from kgrec_gds.explanations.subgraph import subgraph_page
from kgrec_gds.explanations.wording import (
    contribution_rows,
    most_attended,
    movie_name,
    path_in_words,
    rating_of,
    summary,
)
from kgrec_gds.schema import MAX_RATING, MIN_RATING

_MOST_ROWS = 10
#: Hue of the lowest rating (red) and of the highest (green).
_HUES = (10, 130)


def write_page(found: Explanation, path: Path) -> None:
    """Write the page of an explanation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(found), encoding="utf-8")


def page(found: Explanation) -> str:
    """The page of an explanation, as HTML."""
    template = resources.files("kgrec_gds.explanations").joinpath("explanation.html").read_text("utf-8")
    name = movie_name(found.title, found.year, found.movie)
    largest = max((step.weight for step in found.attention), default=1.0) or 1.0
    text = summary(found)
    return Template(template).substitute(
        title=escape(f"Why {name} for user {found.user}"),
        summary=escape(text[0].upper() + text[1:] + "."),
        note=f'<p class="note">{escape(found.note)}</p>' if found.note else "",
        legend=", ".join(
            f'<span class="key" style="background:{_colour(rating)}"></span> {rating:g}'
            for rating in (1.0, 4.0, 7.0, 10.0)
        ),
        steps="".join(_column(step, largest) for step in found.attention),
        span=escape(_span(found.attention)),
        rows="\n".join(_row(step) for step in most_attended(found)[:_MOST_ROWS]),
        paths="\n".join(f"<li>{escape(path_in_words(path))}</li>" for path in found.paths),
        graph=escape(subgraph_page(found), quote=True),
        contributions=_contributions(found.contributions),
    )


def _column(step: AttendedStep, largest: float) -> str:
    text = f"{step.title or step.tconst}, rated {rating_of(step)}, weight {step.weight:.3f}, {_day(step)}"
    style = f"height:{100 * step.weight / largest:.1f}%;background:{_colour(step.rating)}"
    return f'<div class="step" style="{style}" title="{escape(text, quote=True)}"></div>'


def _span(attention: list[AttendedStep]) -> str:
    if not attention:
        return "No attention."
    return f"{len(attention)} ratings, from {_day(attention[0])} to {_day(attention[-1])}"


def _row(step: AttendedStep) -> str:
    cells = f'<td class="number">{step.weight:.3f}</td><td class="number">{rating_of(step)}</td>'
    return f"<tr>{cells}<td>{escape(step.title or step.tconst)}</td></tr>"


def _day(step: AttendedStep) -> str:
    return "" if step.rated_at is None else f"{datetime.fromtimestamp(step.rated_at, UTC):%Y-%m-%d}"


def _colour(rating: float | None) -> str:
    if rating is None:
        return "#a5abb6"
    share = (rating - MIN_RATING) / (MAX_RATING - MIN_RATING)
    return f"hsl({_HUES[0] + share * (_HUES[1] - _HUES[0]):.0f} 65% 48%)"


def _contributions(parts: Contributions | None) -> str:
    if parts is None:
        return ""
    cells = "\n".join(
        f'<tr><td>{name}</td><td class="number">{value}</td></tr>' for name, value in contribution_rows(parts)
    )
    return (
        "<h2>Contributions</h2>\n<p>Each is found by predicting again without that part. Parts that carry the same "
        f"information stand in for each other, so they need not sum to the rating.</p>\n<table>{cells}</table>"
    )
