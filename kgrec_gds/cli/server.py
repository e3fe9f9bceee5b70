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
    """Download what is missing and put it in place; done twice, it does nothing."""
    from kgrec_gds.server import install as run

    show(run(), as_json, lambda it: f"Neo4j {it.neo4j} with GDS {it.gds} on Java {it.java}, in {it.folder}")


@server.command()
@click.option(
    "--bolt-port", type=click.IntRange(1, 65535), help="Port for Bolt (default: 7687, or a free one)."
)
@click.option(
    "--http-port", type=click.IntRange(1, 65535), help="Port for the Browser (default: 7474, or a free one)."
)
@json_option
def start(bolt_port: int | None, http_port: int | None, as_json: bool) -> None:
    """Start the server, installing it where it is not, and wait until it answers.

    KGREC_HEAP and KGREC_PAGE_CACHE set its memory (such as 2g and 512m).
    """
    from kgrec_gds import server as room

    room.install()
    show(room.start(bolt_port=bolt_port, http_port=http_port), as_json, _text)


@server.command()
@json_option
def stop(as_json: bool) -> None:
    """Stop the server; where none runs, do nothing."""
    from kgrec_gds.server import stop as run

    show({"stopped": run()}, as_json, lambda it: "Stopped." if it["stopped"] else "It was not running.")


@server.command()
@json_option
def status(as_json: bool) -> None:
    """Show whether the server runs, where, and which versions."""
    from kgrec_gds.server import status as run

    show(run(), as_json, lambda it: f"{it.state}" if it.uri is None else f"{it.state}\n{_text(it)}")


@server.command()
@click.option("-n", "--lines", default=50, show_default=True, type=click.IntRange(1), help="How many lines.")
@click.option("--debug", is_flag=True, help="Neo4j's detailed log instead of what it prints.")
@json_option
def logs(lines: int, debug: bool, as_json: bool) -> None:
    """Show the last lines of Neo4j's log."""
    from kgrec_gds.server import ServerFiles
    from kgrec_gds.server.process import log_lines

    files = ServerFiles()
    path = files.logs / "debug.log" if debug else files.console
    show({"path": str(path), "lines": log_lines(path)[-lines:]}, as_json, lambda it: "\n".join(it["lines"]))


def _text(it: Any) -> str:
    return (
        f"Bolt      {it.uri}\nBrowser   {it.http}\nUsername  {it.username}\nPassword  in {it.password_file}\n"
        f"Versions  Neo4j {it.versions.neo4j}, GDS {it.versions.gds}, Java {it.versions.java}"
    )
