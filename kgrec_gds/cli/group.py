"""The group class: commands are imported when used, and our errors become one line and exit code 1."""

import errno
import importlib
import sys
from typing import Any

import click

from kgrec_gds.errors import KgrecError


class LazyGroup(click.Group):
    """A group that knows its commands by `module:attribute` and imports each when asked for."""

    def __init__(self, *args: Any, commands_by_path: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._paths = commands_by_path or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Commands in the order of the way of the data, not of the alphabet."""
        return [*self._paths, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        path = self._paths.get(cmd_name)
        if path is None:
            return super().get_command(ctx, cmd_name)
        module, attribute = path.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that is the user's to mend is shown without a traceback."""
        try:
            return super().invoke(ctx)
        except KgrecError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt as error:
            raise click.ClickException(
                "Interrupted. What was finished is kept; the same command goes on."
            ) from error
        except Exception as error:
            words = _in_words(error)
            if words is None:
                raise
            raise click.ClickException(words) from error


def _in_words(error: Exception) -> str | None:
    """What to tell of an error of the system or the database; None where it is ours to mend, or click's to handle."""
    if isinstance(error, OSError) and error.errno != errno.EPIPE:  # click is silent where nobody reads on
        place = f"{error.filename}: " if error.filename is not None else ""
        return f"{place}{error.strerror or error}. Check the path, its rights and the space on its disk."
    # An error of the driver cannot be where the driver was never imported.
    driver: Any = sys.modules.get("neo4j.exceptions")
    if driver is not None and isinstance(error, driver.DriverError | driver.Neo4jError):
        told = " ".join(str(getattr(error, "message", None) or error).split())
        return f"The database should answer, but refused or went away: {told}. Check that it runs, and try again."
    return None
