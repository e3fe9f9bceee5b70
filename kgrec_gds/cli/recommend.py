"""`kgrec-gds recommend`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, show
from kgrec_gds.cli.predict import candidates_option, model_option

if TYPE_CHECKING:
    from rich.table import Table

    from kgrec_gds.serving.recommendations import Recommendations


@click.command()
@click.argument("user")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many movies.")
@click.option("--live", is_flag=True, help="Score now, whatever is written in the graph.")
@model_option
@candidates_option
@env_file_option
@json_option
def recommend(user: str, env_file: Path | None, as_json: bool, **options: Any) -> None:
    """Show a user's recommendations, and the past movies that drew most attention.

    They are read from the graph where they are newer than the user's last rating, and scored where not.
    """
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.recommend import recommend as run

    with connect(env_file=env_file) as graph:
        show(run(graph, user, **options), as_json, table)


def table(result: "Recommendations") -> "Table":
    """Recommendations as a person reads them."""
    from rich.table import Table

    how = "as written in the graph" if result.source == "graph" else "scored now"
    rows = Table(title=f"For user {result.user}, {how}, by model {result.model_id}", title_justify="left")
    for column in ("", "title", "predicted", "most attention on"):
        rows.add_column(column, justify="right" if column in ("", "predicted") else "left")
    for row in result.recommendations:
        attention = (
            "\n".join(f"{seen.weight:.2f} {seen.title}" for seen in row.attention) or "(no earlier rating)"
        )
        title = f"{row.title} ({row.year})" if row.year else str(row.title)
        rows.add_row(str(row.rank), title, f"{row.predicted_rating:.2f}", attention)
    return rows
