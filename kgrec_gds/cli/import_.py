"""`kgrec-gds import`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, show

if TYPE_CHECKING:
    from kgrec_gds.workflows.import_ import ImportResult

_FOLDER = click.Path(path_type=Path)
# Text, because Path would turn hdfs://host/imdb into hdfs:/host/imdb.
_PLACE = click.Path()
_FILE = click.Path(path_type=Path, dir_okay=False)
_HEADINGS = {
    "replace": "The database was replaced and contains",
    "csv": "The CSV files contain",
    "merge": "The database contains",
    "update": "The database contains",
}


@click.command("import")
@click.option(
    "--imdb",
    type=_PLACE,
    help="Folder of IMDb's tables (title.basics.tsv.gz and so on), or its URI with --engine spark.",
)
@click.option(
    "--ratings",
    type=_PLACE,
    help="File of user ratings.  [default: user_rating.csv[.gz] in the folder, if there is one]",
)
@click.option(
    "--user", help="User who gave all ratings, if their file has no column of users (IMDb's export)."
)
@click.option(
    "--rating-scale",
    help="Least and greatest rating, such as 0.5-5, which become 1 and 10.  [default: 1-10, unless the values look "
    "otherwise]",
)
@click.option(
    "--update",
    type=_FOLDER,
    help="Folder of new rows to add to the running database over Bolt; it may lack tables.",
)
@click.option(
    "--preset",
    type=click.Choice(["default", "paper"]),
    default="default",
    show_default=True,
    help="Cleaning rules.",
)
@click.option(
    "--csv-dir", type=_FOLDER, help="Folder for the CSV files.  [default: import in the tool's home]"
)
@click.option(
    "--csv-only",
    is_flag=True,
    help="Write the CSV files and print the neo4j-admin commands, without loading.",
)
@click.option(
    "--via", type=click.Choice(["bolt"]), help="Merge into the running database over Bolt, in batches."
)
@click.option(
    "--max-bad-share",
    type=click.FloatRange(0, 1),
    help="Maximum share of faulty rows in a table.  [default: 0.05]",
)
@click.option(
    "--quarantine", type=_FILE, help="Also write faulty rows, with file, line and reason, to this CSV file."
)
@click.option("--quarantine-removed", is_flag=True, help="Also quarantine rows removed by a cleaning rule.")
@click.option(
    "--hash-users",
    type=_FILE,
    help="Replace user ids by hashes, salted with the content of this file. It is created if missing, except with "
    "--update.",
)
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="Engine that cleans the tables.",
)
@click.option(
    "--predictions",
    type=_FOLDER,
    help="Also load the predictions in this folder, which predict --csv-dir wrote; those of unknown users or movies are "
    "left out.",
)
@click.option(
    "--yes",
    is_flag=True,
    help="Replace the database without a question, even if it would lose more than half of what it holds.",
)
@env_file_option
@json_option
def import_(as_json: bool, **options: Any) -> None:
    """Clean movie tables and ratings, and load them into the graph.

    By default this replaces the managed server's database, including vectors and predictions; the old database is kept
    until the new one is verified, and an import that would lose more than half of it asks first. With NEO4J_URI set, choose --via bolt, --update or --csv-only.
    """
    from kgrec_gds.workflows.import_ import import_ as run

    # A script is not asked, but refused.
    confirm = _confirm if sys.stdin.isatty() else None
    show(run(**options, confirm=confirm), as_json, summary)


def _confirm(lost: str) -> bool:
    return click.confirm(f"{lost}\nReplace it?", err=True)


def summary(result: "ImportResult") -> str:
    """Counts, new and changed rows, the reports, and the commands that load the CSV files."""
    counts = {**result.nodes, **result.relationships}
    lines = [_HEADINGS[result.mode], *(f"{count:>12,}  {name}" for name, count in counts.items())]
    if result.rows is not None:
        lines += ["", "         new     changed   unchanged  rows of"]
        lines += [
            f"{r.new:>12,}{r.changed:>12,}{r.unchanged:>12,}  {name}" for name, r in result.rows.items()
        ]
        ratings = result.rows["ratings"]
        # `recommend` notices newer ratings, but not older ones that were added later.
        if result.relationships.get("PREDICTED_RATING") and ratings.new + ratings.changed:
            lines += [
                "",
                "The predictions in the graph predate these ratings. To update them: kgrec-gds predict",
            ]
    faulty = sum(sum(it["faults"].values()) + sum(it["unknown"].values()) for it in result.tables.values())
    if result.predictions_left_out:
        lines += ["", f"Predictions left out, of unknown users or movies: {result.predictions_left_out:,}"]
    lines += [text for warning in result.warnings for text in ("", f"Warning: {warning}")]
    lines += [
        "",
        f"Quality report: {result.quality_report.with_suffix('.txt')}",
        f"Quarantined rows: {faulty:,}, in {result.quarantine}",
    ]
    for place, command in (result.commands or {}).items():
        lines += ["", f"# {place}: this replaces the database", command]
    return "\n".join(lines)
