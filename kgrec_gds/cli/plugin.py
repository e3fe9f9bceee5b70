"""`kgrec-gds plugin`: the project's procedures as jars, for Docker and other servers."""

from pathlib import Path

import click

from kgrec_gds.cli.options import json_option, show


@click.group()
def plugin() -> None:
    """Build the Neo4j plugin with the procedures kgrec.*."""


@plugin.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the jars, to mount or copy as the server's plugins/.",
)
@json_option
def build(out: Path, as_json: bool) -> None:
    """Compile the plugin with the managed server's Java and jars; no JDK is needed.

    ONNX Runtime, which runs a published network, is put beside it.

    \b
    The server that loads the jars also needs GDS and, in its configuration,
    dbms.security.procedures.unrestricted=gds.*,kgrec.*
    """
    from kgrec_gds.workflows.plugin import build as run

    show(run(out), as_json, lambda it: f"{it.jar} ({it.bytes:,} bytes)\n{it.runtime}")
