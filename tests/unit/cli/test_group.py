"""What goes wrong while a command runs becomes words, and no traceback."""

import errno

import click
import pytest
from click.testing import CliRunner, Result
from neo4j.exceptions import Neo4jError, ServiceUnavailable

from kgrec_gds.cli.group import LazyGroup
from kgrec_gds.errors import InputError


def server_error(message: str) -> Neo4jError:
    # The driver has no public way to make what a server sends.
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
    ("error", "words"),
    [
        (InputError("It should hold."), "It should hold."),
        (PermissionError(errno.EACCES, "Permission denied", "/x/file"), "/x/file: Permission denied. "),
        (OSError("no number"), "no number. "),
        (ServiceUnavailable("nobody\nanswers"), "went away: nobody answers. "),
        (server_error("the disk\nis full"), "went away: the disk is full. "),
    ],
)
def test_errors_of_the_user_the_system_and_the_database_are_one_line(error: Exception, words: str) -> None:
    result = run(error)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert words in result.output
    assert result.output.count("\n") == 1


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    assert isinstance(run(ZeroDivisionError()).exception, ZeroDivisionError)


def test_a_reader_that_went_away_is_no_error_to_tell() -> None:
    result = run(BrokenPipeError(errno.EPIPE, "Broken pipe"))
    assert result.exit_code == 1
    assert result.output == ""
