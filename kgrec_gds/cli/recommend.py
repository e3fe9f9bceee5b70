"""`kgrec-gds recommend`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, literal, show
from kgrec_gds.cli.predict import candidates_option, model_option

if TYPE_CHECKING:
    from rich.table import Table

    from kgrec_gds.serving.recommendations import Recommendation, Recommendations


@click.command()
@click.argument("user")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="Number of movies.")
@click.option("--live", is_flag=True, help="Predict now, even if recommendations are written in the graph.")
@model_option
@candidates_option
@env_file_option
@json_option
def recommend(user: str, env_file: Path | None, as_json: bool, **options: Any) -> None:
    """Recommend movies to a user, and show the past movies with the most attention.

    Reads the recommendations in the graph if they are newer than the user's last rating; otherwise predicts now.
    """
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.recommend import recommend as run

    with connect(env_file=env_file) as connection:
        show(run(connection, user, **options), as_json, table)


def table(result: "Recommendations") -> "Table":
    """Recommendations as a table."""
    from rich.table import Table

    how = "as written in the graph" if result.source == "graph" else "predicted now"
    title = literal(f"For user {result.user}, {how} by model {result.model_id}")
    rows = Table(title=title, title_justify="left", caption=result.note and literal(result.note))
    for column in ("", "title", "predicted", *([] if result.note else ["most attention on"])):
        rows.add_column(column, justify="right" if column in ("", "predicted") else "left")
    for row in result.recommendations:
        name = f"{row.title} ({row.year})" if row.year else str(row.title or row.tconst)
        cells = [literal(row.rank), literal(name), literal(f"{row.predicted_rating:.2f}")]
        rows.add_row(*cells, *([] if result.note else [literal(_attention(row))]))
    return rows


def _attention(row: "Recommendation") -> str:
    lines = [f"{past.weight:.2f} {past.title or past.tconst}" for past in row.attention]
    return "\n".join(lines) or "(no earlier rating)"
