"""Options that several commands share, and the one way results are printed."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output."
)

env_file_option = click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="File with NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD, NEO4J_DATABASE (Aura's credential file). "
    "Without it those environment variables count; without them, the managed server.",
)

embedding_method = click.Choice(list(VECTOR_PROPERTIES))

embeddings_option = click.option(
    "--embeddings",
    type=click.Choice((*embedding_method.choices, "none")),
    help="Vectors to read.  [default: the preferred among those in the graph]",
)


def picture_file(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Refuse, before anything is done, a file that is no picture by its name."""
    if value is not None and value.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise click.BadParameter(f"it should end in .png, .svg or .pdf; received {value}.")
    return value


def show(
    result: Any, as_json: bool, text: Callable[[Any], object], seconds: dict[str, float] | None = None
) -> None:
    """Print a result: as one JSON object, or as `text(result)` for a person.

    Args:
        result: a dataclass or a dictionary.
        as_json: whether `--json` was given.
        text: makes what a person reads, a string or anything rich can print.
        seconds: by room, printed with the JSON, where the result does not hold them itself.
    """
    if as_json:
        plain = dataclasses.asdict(result) if dataclasses.is_dataclass(result) else result  # type: ignore[arg-type]  # an instance, never a class
        if seconds is not None:
            plain = {**plain, "seconds": seconds}
        click.echo(json.dumps(plain, default=_plain, ensure_ascii=False))
        return
    from rich.console import Console

    body = text(result)
    Console(highlight=False).print(body, markup=False, soft_wrap=isinstance(body, str))


def _plain(value: Any) -> Any:
    # dataclasses in a list, numpy scalars and arrays, paths and dates are all else that our results hold
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
