"""`kgrec-gds train`: rating histories from the graph to a fitted model in a run folder."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from kgrec_gds.cli.options import embeddings_option, env_file_option, json_option, show


@click.command()
@embeddings_option
@click.option(
    "--protocol",
    type=click.Choice(("global", "per-user", "paper")),
    default="global",
    show_default=True,
    help="How ratings are divided: by time, by each user's own time, or (leaking) at random.",
)
@click.option(
    "--preset",
    type=click.Choice(("default", "paper")),
    default="default",
    show_default=True,
    help="paper: the published recipe with its leaking features, to compare only.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same metrics.")
@click.option(
    "--epochs",
    type=click.IntRange(1),
    help="Most epochs; validation chooses among them.  [default: 6; preset paper: 30]",
)
@click.option(
    "--members",
    type=click.IntRange(1),
    help="Networks whose mean is the attention-LSTM's; fewer train faster and err a little more.  [default: 3]",
)
@click.option("--write", "write", is_flag=True, help="Also predict and write, as `predict` does.")
@click.option(
    "--continue",
    "go_on",
    is_flag=True,
    help="After new ratings: start from the weights of the last finished run, for two epochs unless --epochs.",
)
@click.option(
    "--resume", is_flag=True, help="Finish the last interrupted run as it was begun, from its last epoch."
)
@json_option
@env_file_option
@click.pass_context
def train(
    context: click.Context,
    /,
    *,
    as_json: bool,
    env_file: Path | None,
    write: bool,
    resume: bool,
    **options: Any,
) -> None:
    """Train the model that predict and recommend use: the mean of an attention-LSTM and boosted trees.

    Ratings are divided by time: first 64 % train, next 16 % validation, last 20 % test. Epochs are chosen on
    validation; then train and validation together are fitted, and the test's errors printed beside the causal
    biases' and the global mean's.
    """
    from kgrec_gds.cli import train_text
    from kgrec_gds.database.connection import connect
    from kgrec_gds.workflows.train import train_from_graph

    if resume:
        _refuse_beside_resume(context, options)
    with connect(env_file=env_file) as graph:
        show(train_from_graph(graph, write=write, resume=resume, **options), as_json, train_text.metrics)


def _refuse_beside_resume(context: click.Context, options: dict[str, Any]) -> None:
    for parameter in context.command.params:
        given = context.get_parameter_source(parameter.name or "") is not ParameterSource.DEFAULT
        if given and parameter.name in options:
            raise click.UsageError(
                f"--resume finishes a run as it was begun, so {parameter.opts[0]} should be left out beside it."
            )
