"""`kgrec-gds train`."""

import contextlib
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from kgrec_gds.cli.options import embeddings_option, env_file_option, json_option, show
from kgrec_gds.models.registry import DEFAULT_MODEL, MODELS


@click.command()
@click.option(
    "--model",
    type=click.Choice(list(MODELS)),
    default=DEFAULT_MODEL,
    show_default=True,
    help="Model to train.",
)
@click.option(
    "--protocol",
    type=click.Choice(("global", "per-user", "paper")),
    default="global",
    show_default=True,
    help="Split the ratings by time, by each user's own time, or at random, which leaks.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed; the same seed gives the same metrics."
)
@embeddings_option
@click.option(
    "--epochs",
    type=click.IntRange(1),
    help="Most epochs, of which validation chooses.  [default: the model's]",
)
@click.option(
    "--hold-out",
    is_flag=True,
    help="Keep the test ratings out of what recommends, too.  [default: fit once more on all ratings]",
)
@click.option(
    "--no-publish",
    is_flag=True,
    help="Do not store the network in the graph for the procedures of the plugin.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Finish the last interrupted training with its own settings, or record a finished one in the database.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Train on this number of processes: those that TF_CONFIG names, or without it of this machine.",
)
@click.option("--write", is_flag=True, help="Also write the predictions into the graph, as predict does.")
@env_file_option
@json_option
@click.pass_context
def train(
    context: click.Context,
    /,
    *,
    as_json: bool,
    env_file: Path | None,
    resume: bool,
    write: bool,
    workers: int,
    **options: Any,
) -> None:
    """Train a rating model and a ranking on the graph's ratings, for predict and recommend.

    By default the first 64 % of the ratings by time are for training, the next 16 % for validation and the last 20 %
    for the test. Validation chooses the number of epochs or trees; the model is then fitted to train and validation
    together. Its test errors are printed for predictions made at once, a day before and a month before the rating,
    beside those of simple baselines. A ranking of what to watch next is fitted with it. For recommendations, both are
    fitted once more on all ratings; test ratings are always predicted by the fit that has not seen them.
    """
    if resume:
        _refuse_beside_resume(context, options)
    from kgrec_gds.cli import train_text
    from kgrec_gds.workflows.connect import connect

    with contextlib.ExitStack() as stack:
        team = None
        if workers > 1:
            from kgrec_gds.workflows.training_workers import training_workers

            # Before anything imports Keras: TensorFlow connects at its start only.
            team = stack.enter_context(training_workers(workers, options["model"], env_file))
        from kgrec_gds.workflows.train import help_to_train
        from kgrec_gds.workflows.train import train as run

        connection = stack.enter_context(connect(env_file=env_file))
        if team is None or team.chief:
            show(run(connection, resume=resume, write=write, **options), as_json, train_text.errors)
        else:
            help_to_train(connection, team)


def _refuse_beside_resume(context: click.Context, options: dict[str, Any]) -> None:
    for parameter in context.command.params:
        given = context.get_parameter_source(parameter.name or "") is not ParameterSource.DEFAULT
        if given and parameter.name in options:
            raise click.UsageError(
                f"--resume keeps the settings of the interrupted training; leave out {parameter.opts[0]}."
            )
