import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from kgrec_gds.cli import COMMANDS, main

HEAVY = (
    "tensorflow",
    "keras",
    "pandas",
    "numpy",
    "neo4j",
    "graphdatascience",
    "ibis",
    "duckdb",
    "sklearn",
    "matplotlib",
    "rich",
    "requests",
    "importlib.metadata",
)


def commands() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []

    def walk(prefix: str, command: click.Command) -> None:
        found.append((prefix, command))
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                assert child is not None
                walk(f"{prefix} {name}".strip(), child)

    walk("", main)
    return found


def imported_by(*arguments: str, of: tuple[str, ...] = HEAVY) -> set[str]:
    program = (
        "import sys\nfrom kgrec_gds.cli import main\n"
        f"sys.argv = ['kgrec-gds', *{list(arguments)!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('IMPORTED', *[name for name in {of!r} if name in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    return set(output.split("IMPORTED")[1].split())


def test_help_imports_little_besides_click() -> None:
    assert imported_by("--help", of=(*HEAVY, "logging", "json", "kgrec_gds.progress")) == set()


@pytest.mark.parametrize("command", list(COMMANDS))
def test_the_help_of_a_command_imports_nothing_heavy(command: str) -> None:
    assert imported_by(command, "--help") == set()


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_and_option_is_explained(name: str, command: click.Command) -> None:
    assert command.help, f"{name} has no help"
    silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help and not p.hidden]
    assert not silent


@pytest.mark.parametrize(("name", "command"), [c for c in commands() if not isinstance(c[1], click.Group)])
def test_every_command_takes_json(name: str, command: click.Command) -> None:
    assert "--json" in {option for parameter in command.params for option in parameter.opts}


#: First words of help texts that are not imperatives.
_NOT_IMPERATIVE = {"the", "a", "an", "what", "which", "of", "it", "whether", "this"}


@pytest.mark.parametrize(("name", "command"), commands())
def test_help_begins_with_an_imperative_sentence(name: str, command: click.Command) -> None:
    first = (command.help or "").split()[0]
    assert first[0].isupper()
    assert first.lower() not in _NOT_IMPERATIVE
    assert not first.endswith(("s", "ing")) or first in {"Process", "Compress"}, f"{name}: {first}"


def test_quiet_and_verbose_exclude_each_other() -> None:
    refused = CliRunner().invoke(main, ["-v", "-q", "models", "list"])
    assert refused.exit_code == 2
    assert "--verbose and --quiet" in refused.output
