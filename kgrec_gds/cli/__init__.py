"""The command line: one file a command; this one only finds and registers them."""

import click

from kgrec_gds.cli.group import LazyGroup

#: Command -> module and attribute. A command's module is imported when the command is asked for.
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
@click.version_option(package_name="kgrec-gds")
def main() -> None:
    """Movie data in Neo4j to explained rating predictions in Neo4j.

    The way of the data: import, embed, train, predict, recommend. `kgrec-gds demo` walks it once.
    """
