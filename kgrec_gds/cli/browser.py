"""`kgrec-gds browser`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgrec_gds.cli.options import env_file_option, json_option, show

if TYPE_CHECKING:
    from kgrec_gds.explanations.neo4j_browser import BrowserAddress


@click.command()
@click.option(
    "--query", help="Put a ready query into the editor, by its number or a part of its name, such as 02."
)
@click.option("--no-open", is_flag=True, help="Print the address only.")
@env_file_option
@json_option
def browser(query: str | None, no_open: bool, env_file: Path | None, as_json: bool) -> None:
    """Open Neo4j Browser on the graph, and list the ready queries.

    Starts the managed server if it is not running and no other database is configured.
    """
    from kgrec_gds.explanations.neo4j_browser import browser_address
    from kgrec_gds.progress import Timer

    timer = Timer()
    with timer.stage("server"):
        found = browser_address(env_file, query)
    with timer.stage("open"):
        opened = not no_open and _open(found.address)
    show(replace(found, opened=opened, seconds=timer.seconds), as_json, _text)


def _open(address: str) -> bool:
    import webbrowser

    # False if there is no web browser; the address is printed either way.
    return webbrowser.open(address)


def _text(found: "BrowserAddress") -> str:
    password = f"the password is in {found.password_file}" if found.password_file else "with its password"
    width = max(len(query.name) for query in found.queries)
    return "\n".join(
        [
            found.address,
            f"Connect as {found.username}; {password}.",
            "",
            "Ready queries (kgrec-gds browser --query 02 puts one into the editor):",
            *(f"  {query.name:{width}}  {query.purpose}" for query in found.queries),
            "",
            f"Style, to drop onto the Browser: {found.style}",
            f"Ten questions and their queries: {found.guide}",
        ]
    )
