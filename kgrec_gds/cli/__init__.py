"""The command line: one module a command; this one registers them."""

import click

from kgrec_gds.cli.group import LazyGroup

#: Command -> module and attribute, in the order of use. A command's module is imported when the command is used.
COMMANDS = {
    "server": "kgrec_gds.cli.server:server",
    "fetch": "kgrec_gds.cli.fetch:fetch",
    "import": "kgrec_gds.cli.import_:import_",
    "embed": "kgrec_gds.cli.embed:embed",
    "train": "kgrec_gds.cli.train:train",
    "tune": "kgrec_gds.cli.tune:tune",
    "evaluate": "kgrec_gds.cli.evaluate:evaluate",
    "audit": "kgrec_gds.cli.audit:audit",
    "predict": "kgrec_gds.cli.predict:predict",
    "find": "kgrec_gds.cli.find:find",
    "recommend": "kgrec_gds.cli.recommend:recommend",
    "rate": "kgrec_gds.cli.rate:rate",
    "similar": "kgrec_gds.cli.similar:similar",
    "explain": "kgrec_gds.cli.explain:explain",
    "browser": "kgrec_gds.cli.browser:browser",
    "models": "kgrec_gds.cli.models:models",
    "plugin": "kgrec_gds.cli.plugin:plugin",
    "demo": "kgrec_gds.cli.demo:demo",
}


@click.group(
    cls=LazyGroup, commands_by_path=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("-v", "--verbose", is_flag=True, help="Also print the queries sent to the database.")
@click.option("-q", "--quiet", is_flag=True, help="Print warnings and results only, without progress bars.")
@click.version_option(package_name="kgrec-gds")
def main(verbose: bool, quiet: bool) -> None:
    """Predict and explain movie ratings with Neo4j and Graph Data Science.

    The usual order of commands is import, embed, train, predict, recommend; `kgrec-gds demo` runs them all once.
    """
    import logging

    from kgrec_gds.progress import print_messages

    if verbose and quiet:
        raise click.UsageError("Received both --verbose and --quiet; give one of them.")
    print_messages(logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO)
