"""The group class: it imports a command on use and prints the user's errors as one line."""

import errno
import importlib
import sys
from typing import Any

import click

from kgrec_gds.errors import KgrecError
from kgrec_gds.exhausted import exhausted
from kgrec_gds.terminal import literal


class LazyGroup(click.Group):
    """A group that knows its commands by `module:attribute` and imports each on use."""

    def __init__(self, *args: Any, commands_by_path: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._paths = commands_by_path or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in the order of use instead of the alphabet."""
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
        """Run the command; an error that the user can fix is printed without a traceback."""
        try:
            return super().invoke(ctx)
        except KgrecError as error:
            raise click.ClickException(literal(error)) from error
        except KeyboardInterrupt as error:
            raise click.ClickException(
                "Interrupted. Finished steps are kept; run the same command again to continue."
            ) from error
        except Exception as error:
            message = _message(error)
            if message is None:
                raise
            raise click.ClickException(literal(message)) from error


def _message(error: Exception) -> str | None:
    """The message for an error of the system or the database; None for a bug, or an error that click handles."""
    if (message := exhausted(error)) is not None:
        return message
    if isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith("kgrec_gds"):
        return (
            f"This requires the Python package {error.name}, which is not installed; a read-only install leaves it "
            "out. Run: pip install '.[server]' in a clone."
        )
    if isinstance(error, OSError) and error.errno != errno.EPIPE:  # click exits silently on a broken pipe
        place = f"{error.filename}: " if error.filename is not None else ""
        return f"{place}{error.strerror or error}. Check the path, its permissions and the disk space."
    # An error of the driver can only occur once the driver has been imported.
    driver: Any = sys.modules.get("neo4j.exceptions")
    if driver is not None and isinstance(error, driver.DriverError | driver.Neo4jError):
        reason = " ".join(str(getattr(error, "message", None) or error).split())
        return f"The database failed or closed the connection: {reason}. Check that it runs, and try again."
    return None
