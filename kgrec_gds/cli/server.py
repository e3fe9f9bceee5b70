"""`kgrec-gds server`: the managed Neo4j."""

from typing import Any

import click

from kgrec_gds.cli.options import json_option, show


@click.group()
def server() -> None:
    """Install and run a local Neo4j with the Graph Data Science library."""


@server.command()
@json_option
def install(as_json: bool) -> None:
    """Download and install the server; if it is installed already, do nothing."""
    from kgrec_gds.workflows.server import install as run

    show(run(), as_json, lambda it: f"Neo4j {it.neo4j} with GDS {it.gds} on Java {it.java}, in {it.folder}")


@server.command()
@click.option(
    "--bolt-port", type=click.IntRange(1, 65535), help="Port for Bolt.  [default: 7687, or a free one]"
)
@click.option(
    "--http-port",
    type=click.IntRange(1, 65535),
    help="Port for Neo4j Browser.  [default: 7474, or a free one]",
)
@click.option(
    "--heap", metavar="SIZE", help="Largest heap, such as 4g.  [default: KGREC_HEAP, or by memory and store]"
)
@click.option(
    "--page-cache",
    metavar="SIZE",
    help="Cache of the store, such as 1g.  [default: KGREC_PAGE_CACHE, or by memory and store]",
)
@json_option
def start(as_json: bool, **options: Any) -> None:
    """Start the server, install it if necessary, and wait until it is ready.

    A heap that is set here or by KGREC_HEAP is kept; otherwise embed restarts the server with more where it needs more.
    """
    from kgrec_gds.workflows.server import start as run

    show(run(**options), as_json, _text)


@server.command()
@json_option
def stop(as_json: bool) -> None:
    """Stop the server, if it is running."""
    from kgrec_gds.workflows.server import stop as run

    show({"stopped": run()}, as_json, lambda it: "Stopped." if it["stopped"] else "It was not running.")


@server.command()
@json_option
def status(as_json: bool) -> None:
    """Show whether the server is running, its addresses and versions."""
    from kgrec_gds.workflows.server import status as run

    show(run(), as_json, lambda it: f"{it.state}" if it.uri is None else f"{it.state}\n{_text(it)}")


@server.command()
@click.option("-n", "--lines", default=50, show_default=True, type=click.IntRange(1), help="Number of lines.")
@click.option("--debug", is_flag=True, help="Show Neo4j's detailed log instead of its output.")
@json_option
def logs(lines: int, debug: bool, as_json: bool) -> None:
    """Show the last lines of Neo4j's log."""
    from kgrec_gds.workflows.server import logs as run

    show(run(lines, debug=debug), as_json, lambda it: "\n".join(it.lines))


def _text(it: Any) -> str:
    return (
        f"Bolt      {it.uri}\nBrowser   {it.http}\nUsername  {it.username}\nPassword  in {it.password_file}\n"
        f"Versions  Neo4j {it.versions.neo4j}, GDS {it.versions.gds}, Java {it.versions.java}"
    )
