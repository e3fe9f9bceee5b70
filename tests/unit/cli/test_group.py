"""Errors of the user, the system and the database are printed as one line, bugs with their traceback."""

import errno

import click
import pytest
from click.testing import CliRunner, Result
from neo4j.exceptions import Neo4jError, ServiceUnavailable

from kgrec_gds.cli.group import LazyGroup
from kgrec_gds.errors import InputError


def server_error(message: str) -> Neo4jError:
    # The driver has no public constructor for errors that a server sends.
    return Neo4jError._hydrate_neo4j(code="Neo.TransientError.General.Any", message=message)


def run(error: Exception) -> Result:
    @click.group(cls=LazyGroup)
    def group() -> None:
        pass

    @group.command()
    def fail() -> None:
        raise error

    return CliRunner().invoke(group, ["fail"])


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (InputError("Invalid k 0."), "Invalid k 0."),
        (
            PermissionError(errno.EACCES, "Permission denied", "/x/file"),
            "/x/file: Permission denied. Check the path",
        ),
        (OSError("no number"), "no number. Check the path"),
        (ServiceUnavailable("nobody\nanswers"), "failed or closed the connection: nobody answers. "),
        (server_error("the index\nis offline"), "failed or closed the connection: the index is offline. "),
    ],
)
def test_an_error_that_the_user_can_fix_is_one_line(error: Exception, message: str) -> None:
    result = run(error)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert message in result.output
    assert result.output.count("\n") == 1


def test_a_bug_keeps_its_traceback() -> None:
    assert isinstance(run(ZeroDivisionError()).exception, ZeroDivisionError)


def test_a_broken_pipe_is_silent() -> None:
    result = run(BrokenPipeError(errno.EPIPE, "Broken pipe"))
    assert result.exit_code == 1
    assert result.output == ""


def test_a_package_that_is_missing_is_named() -> None:
    result = run(ModuleNotFoundError("No module named 'keras'", name="keras"))
    assert result.exit_code == 1
    assert "requires the Python package keras, which is not installed" in result.output
