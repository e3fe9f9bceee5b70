"""Options that several commands share, and the printing of results."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.terminal import literal as literal  # also for the texts of commands
from kgrec_gds.terminal import literal_console

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object to standard output."
)

env_file_option = click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="File with NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD and NEO4J_DATABASE, such as Aura's credential file.  "
    "[default: those environment variables, else the managed server]",
)

embedding_method = click.Choice(list(VECTOR_PROPERTIES))

embeddings_option = click.option(
    "--embeddings",
    type=click.Choice((*embedding_method.choices, "none")),
    help=f"Vectors to read.  [default: the first of {', '.join(VECTOR_PROPERTIES)} that the graph has]",
)


def picture_file(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a file name that is no picture's, before any work is done."""
    if value is not None and value.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise click.BadParameter(f"Unsupported picture file {value}; expected .png, .svg or .pdf.")
    return value


def show(
    result: Any, as_json: bool, text: Callable[[Any], object], seconds: dict[str, float] | None = None
) -> None:
    """Print a result as one JSON object, or as text for a person.

    Args:
        result: a dataclass or a dictionary.
        as_json: whether `--json` was given.
        text: makes the text, a string or any rich renderable.
        seconds: by stage, added to the JSON if the result does not hold them.
    """
    if as_json:
        plain = dataclasses.asdict(result) if dataclasses.is_dataclass(result) else result  # type: ignore[arg-type]  # an instance, never a class
        if seconds is not None:
            plain = {**plain, "seconds": seconds}
        import json

        # The escapes of `literal` are also those of JSON.
        click.echo(literal(json.dumps(plain, default=_plain, ensure_ascii=False)))
        return
    body = text(result)
    literal_console().print(body, soft_wrap=isinstance(body, str))


def _plain(value: Any) -> Any:
    # Besides plain values, results hold dataclasses in lists, numpy scalars and arrays, paths and dates.
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
