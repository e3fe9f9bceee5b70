"""`kgrec-gds fetch`."""

from pathlib import Path

import click

from kgrec_gds.cli.options import json_option, show


@click.command()
@click.argument("source", type=click.Choice(["imdb", "movielens", "movietweetings"]))
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files."
)
@click.option("--from", "address", help="Another address of the same files, such as a mirror.")
@json_option
def fetch(source: str, into: Path, address: str | None, as_json: bool) -> None:
    """Download data from its publisher, in the format that `import` reads.

    MovieLens and MovieTweetings become user_rating.csv.gz: fetch imdb and one of them into the same folder, and pass it
    to import --imdb. Existing files are kept, and interrupted downloads resume.
    """
    from kgrec_gds.workflows.fetch import fetch as run

    result = run(source, into, address)
    ratings = f", {result.ratings:,} ratings" if result.ratings is not None else ""
    show(result, as_json, lambda _: f"{len(result.files)} files in {result.folder}{ratings}.")
