"""`kgrec-gds plugin`: the project's procedures as jars, for Docker and other servers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgrec_gds.cli.options import json_option, show

if TYPE_CHECKING:
    from kgrec_gds.workflows.plugin import BuildResult


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
@click.option(
    "--with-gds", is_flag=True, help="Put Graph Data Science there, too, from Maven Central by hash."
)
@json_option
def build(out: Path, with_gds: bool, as_json: bool) -> None:
    """Compile the plugin with the managed server's Java and jars; no JDK is needed.

    ONNX Runtime, which runs a published network, is put beside it.

    \b
    The server that loads the jars also needs GDS, which --with-gds adds, and in its configuration
    dbms.security.procedures.unrestricted=gds.*,kgrec.*
    """
    from kgrec_gds.workflows.plugin import build as run

    show(run(out, with_gds=with_gds), as_json, _text)


def _text(result: "BuildResult") -> str:
    gds = f"\n{result.gds_jars} jars of Graph Data Science" if result.gds_jars else ""
    return f"{result.jar} ({result.bytes:,} bytes)\n{result.runtime}{gds}"
