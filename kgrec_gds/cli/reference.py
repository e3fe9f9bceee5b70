"""The commands' reference as Markdown: `python -m kgrec_gds.cli.reference > docs/commands.md`."""

from collections.abc import Iterator

import click

from kgrec_gds.cli import main

_WIDTH = 110


def commands(command: click.Command = main, name: str = "kgrec-gds") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, in the order of the way of the data."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            assert child is not None
            yield from commands(child, f"{name} {child_name}")


def markdown() -> str:
    """The `--help` of every command, as docs/commands.md holds it."""
    pages = ["# Commands\n\nMade from `--help` by `python -m kgrec_gds.cli.reference > docs/commands.md`.\n"]
    for name, command in commands():
        context = click.Context(
            command,
            info_name=name,
            max_content_width=_WIDTH,
            terminal_width=_WIDTH,
            help_option_names=["-h", "--help"],
        )
        pages.append(f"## {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(pages)


if __name__ == "__main__":
    click.echo(markdown(), nl=False)
