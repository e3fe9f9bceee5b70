"""`kgrec-gds recommend`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, literal, show
from kgrec_gds.cli.predict import model_option

if TYPE_CHECKING:
    from rich.table import Table

    from kgrec_gds.serving.recommendations import Recommendation, Recommendations

_tconst_file = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("user")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="Number of movies.")
@click.option("--genre", "genres", multiple=True, help="Only movies of this genre; several mean any of them.")
@click.option("--year", "years", help="Only movies of these years: 1994, 1990-1999, 1990- or -1950.")
@click.option("--min-ratings", type=click.IntRange(0), default=0, help="Only movies with at least N ratings.")
@click.option("--exclude", type=_tconst_file, help="File of movies to leave out, one tconst a line.")
@click.option("--among", type=_tconst_file, help="File of movies to choose among, one tconst a line.")
@click.option(
    "--order",
    type=click.Choice(("relevance", "rating")),
    default="relevance",
    show_default=True,
    help="Order by ranking score or by predicted rating.",
)
@click.option(
    "--diversity",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="How much each movie should differ from those above it.",
)
@click.option(
    "--new",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Places kept for movies that hardly anybody rated, chosen by shared people.",
)
@click.option("--as-of", help="Recommend as of this date (UTC), with the ratings before it.  [default: now]")
@click.option("--live", is_flag=True, help="Rank and predict now, even if the graph holds recommendations.")
@model_option
@env_file_option
@json_option
def recommend(
    user: str, env_file: Path | None, as_json: bool, exclude: Path | None, among: Path | None, **options: Any
) -> None:
    """Recommend movies to a user, with their predicted ratings and the reasons.

    Reads the recommendations in the graph if they are newer than the user's last rating and no option but -k is given;
    otherwise ranks the movies now, by what is liked together, shared people and popularity.
    """
    from kgrec_gds.serving.recommend_request import RecommendRequest
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.recommend import recommend as run

    request = RecommendRequest(exclude=_tconsts(exclude) or (), among=_tconsts(among), **options)
    with connect(env_file=env_file) as connection:
        show(run(connection, user, request), as_json, table)


def _tconsts(path: Path | None) -> tuple[str, ...] | None:
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{path} is not a UTF-8 text file; expected one tconst a line.") from error
    found = tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not found:
        raise click.BadParameter(f"{path} holds no movie; expected one tconst a line.")
    return found


def table(result: "Recommendations") -> "Table":
    """Recommendations as a table."""
    from rich.table import Table

    how = {"graph": "as written in the graph", "procedure": "made now in the database"}.get(
        result.source, "made now"
    )
    title = literal(f"For user {result.user}, {how} by model {result.model_id}")
    rows = Table(title=title, title_justify="left", caption=result.note and literal(result.note))
    for column in ("", "movie", "ratings", "predicted", "because of"):
        rows.add_column(column, justify="right" if column in ("", "ratings", "predicted") else "left")
    for row in result.recommendations:
        name = f"{row.title or row.tconst} ({row.year})" if row.year else str(row.title or row.tconst)
        cells = [
            str(row.rank),
            f"{name}\n{row.tconst}",
            f"{row.ratings:,}",
            f"{row.predicted_rating:.1f}",
            _why(row),
        ]
        rows.add_row(*map(literal, cells))
    return rows


def _why(row: "Recommendation") -> str:
    """The strongest reasons, each with its share of the score."""
    parts = [(reason.part, reason.name or reason.key) for reason in row.reasons]
    if row.popularity > 0:
        parts.append((row.popularity, "popular now"))
    parts.sort(key=lambda part: -part[0])
    whole = abs(row.score) or 1.0
    return (
        "\n".join(f"{part / whole:.0%} {name}" for part, name in parts[:3]) or "(nothing known of the user)"
    )
