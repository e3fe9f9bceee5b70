"""`kgrec-gds import`: raw files into the graph."""

from pathlib import Path
from typing import Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, show

_FOLDER = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("import")
@click.option("--imdb", type=_FOLDER, help="Folder of IMDb's tables (title.basics.tsv.gz and so on).")
@click.option(
    "--ratings",
    type=_FOLDER,
    help="File of user ratings. [default: user_rating.csv[.gz] in the folder, if any]",
)
@click.option(
    "--update",
    "update_dir",
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
    "--csv-dir", type=_FOLDER, default=Path("import"), show_default=True, help="Folder of the CSV files."
)
@click.option(
    "--csv-only", is_flag=True, help="Write the CSV and print the neo4j-admin command; load nothing."
)
@click.option(
    "--via", type=click.Choice(["bolt"]), help="Merge into the running database of NEO4J_URI, in batches."
)
@click.option(
    "--max-bad-share",
    type=click.FloatRange(0, 1),
    help="Share of faulty rows that a table may have. [default: 0.05]",
)
@click.option(
    "--quarantine",
    type=_FILE,
    help="Also write the rows set aside, with file, line and reason, to this CSV file.",
)
@click.option("--quarantine-removed", is_flag=True, help="Set rows that a cleaning rule removed aside too.")
@click.option(
    "--hash-users",
    type=_FILE,
    help="Replace user ids by hashes salted with what this file holds; made where it is missing, but with --update.",
)
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="What cleans the tables.",
)
@env_file_option
@json_option
def import_(as_json: bool, **options: Any) -> None:
    """Clean movie tables and ratings, and load them into the graph.

    Into the managed server, the import replaces the database as a whole, vectors and predictions included; the old
    one serves until the new one is known to be whole. With NEO4J_URI set, choose --via bolt or --csv-only.
    """
    from kgrec_gds.loading.import_request import run_request
    from kgrec_gds.loading.import_summary import summary

    show(run_request(**options), as_json, summary)
