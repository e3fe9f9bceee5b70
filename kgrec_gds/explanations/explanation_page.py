"""An explanation as one page of HTML that needs nothing else: attention drawn, subgraph to play with."""

from datetime import UTC, datetime
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from kgrec_gds.explanations.explanation import AttendedStep, Explanation
from kgrec_gds.explanations.subgraph import subgraph_page
from kgrec_gds.explanations.wording import movie_name, path_in_words
from kgrec_gds.schema import MAX_RATING, MIN_RATING

_MOST_ROWS = 10
#: Hue of the lowest rating (red) and of the highest (green).
_HUES = (10, 130)


def write_page(found: Explanation, path: Path) -> None:
    """Write the page of an explanation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(found), encoding="utf-8")


def page(found: Explanation) -> str:
    """The page of an explanation."""
    template = (
        resources.files("kgrec_gds.explanations").joinpath("explanation.html").read_text(encoding="utf-8")
    )
    name = movie_name(found.title, found.year, found.movie)
    given = "" if found.given is None else f" The user gave it {found.given:g}."
    how = "as written in the graph" if found.source == "graph" else "scored now"
    return Template(template).substitute(
        title=escape(f"Why {name} for user {found.user}"),
        summary=escape(
            f"Predicted rating {found.rating:.2f} of 10, {how}, by model {found.model_id}.{given}"
        ),
        note=f'<p class="note">{escape(found.note)}</p>' if found.note else "",
        legend=", ".join(
            f'<span class="key" style="background:{_colour(rating)}"></span> {rating:g}'
            for rating in (1.0, 4.0, 7.0, 10.0)
        ),
        steps="".join(_column(step, _most(found.attention)) for step in found.attention),
        span=escape(_span(found.attention)),
        rows="\n".join(_row(step) for step in _heaviest(found.attention)),
        paths="\n".join(f"<li>{escape(path_in_words(path))}</li>" for path in found.paths),
        graph=escape(subgraph_page(found), quote=True),
        contributions=_contributions(found),
    )


def _heaviest(attention: list[AttendedStep]) -> list[AttendedStep]:
    return sorted(attention, key=lambda step: -step.weight)[:_MOST_ROWS]


def _most(attention: list[AttendedStep]) -> float:
    return max((step.weight for step in attention), default=1.0) or 1.0


def _column(step: AttendedStep, most: float) -> str:
    said = f"{step.title or step.tconst}, rated {_rating(step)}, weight {step.weight:.3f}, {_day(step)}"
    style = f"height:{100 * step.weight / most:.1f}%;background:{_colour(step.rating)}"
    return f'<div class="step" style="{style}" title="{escape(said, quote=True)}"></div>'


def _span(attention: list[AttendedStep]) -> str:
    if not attention:
        return "No earlier rating."
    return f"{len(attention)} ratings, from {_day(attention[0])} to {_day(attention[-1])}"


def _row(step: AttendedStep) -> str:
    cells = f'<td class="number">{step.weight:.3f}</td><td class="number">{_rating(step)}</td>'
    return f"<tr>{cells}<td>{escape(step.title or step.tconst)}</td></tr>"


def _rating(step: AttendedStep) -> str:
    return "?" if step.rating is None else f"{step.rating:g}"


def _day(step: AttendedStep) -> str:
    return "" if step.rated_at is None else f"{datetime.fromtimestamp(step.rated_at, UTC):%Y-%m-%d}"


def _colour(rating: float | None) -> str:
    if rating is None:
        return "#a5abb6"
    share = (rating - MIN_RATING) / (MAX_RATING - MIN_RATING)
    return f"hsl({_HUES[0] + share * (_HUES[1] - _HUES[0]):.0f} 65% 48%)"


def _contributions(found: Explanation) -> str:
    parts = found.contributions
    if parts is None:
        return ""
    rows = (
        ("averages of user and movie", f"{parts.averages:.2f}"),
        ("the user's history", f"{parts.history:+.2f}"),
        ("the graph", f"{parts.graph:+.2f}"),
    )
    cells = "\n".join(f'<tr><td>{name}</td><td class="number">{value}</td></tr>' for name, value in rows)
    return (
        "<h2>What each part is worth</h2>\n<p>Found by leaving it out and scoring again; parts that say the same "
        f"make up for each other, so they need not sum to the rating.</p>\n<table>{cells}</table>"
    )
