"""`kgrec-gds predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, show

if TYPE_CHECKING:
    from kgrec_gds.workflows.predict import Predicted


class CountOrAll(click.ParamType):
    """A positive number, or the word `all`, which becomes None."""

    name = "N|all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """Read one value."""
        if value is None or value == "all":
            return None
        try:
            count = int(value)
        except ValueError:
            count = 0
        if count < 1:
            self.fail(f"should be a number above 0, or all; received {value!r}", param, ctx)
        return count


candidates_option = click.option(
    "--candidates",
    type=CountOrAll(),
    default="500",
    show_default=True,
    help="Movies a user that the model scores, preselected by a cheap causal score.",
)
model_option = click.option(
    "--model", "model_id", help="Id of a model run. [default: the promoted, else the latest]"
)


@click.command()
@model_option
@click.option(
    "--users",
    default="test",
    show_default=True,
    help="test (those with a test event), all, or a file of user ids.",
)
@click.option(
    "-k",
    "--top-k",
    "k",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Recommendations a user.",
)
@candidates_option
@click.option("--keep", is_flag=True, help="Leave the predictions of other models in the graph.")
@env_file_option
@json_option
def predict(users: str, env_file: Path | None, as_json: bool, **options: Any) -> None:
    """Write predictions and their attention into the graph, as PREDICTED_RATING relationships.

    Predicted are the model's test events, and the best unseen movies of users, with their rank. A second run leaves
    the same edges.
    """
    from kgrec_gds.workflows.connect import connect

    with connect(env_file=env_file) as graph:
        from kgrec_gds.workflows.predict import predict as run

        chosen = users if users in ("test", "all") else Path(users)
        show(run(graph, users=chosen, **options), as_json, _text)


def _text(done: "Predicted") -> str:
    unknown = f"\nNot in the graph: {', '.join(done.unknown_users)}" if done.unknown_users else ""
    return (
        f"{done.predictions_written:,} predictions of model {done.model_id} are in the graph: "
        f"{done.test_events:,} of ratings that were given, {done.recommendations_written:,} recommendations "
        f"for {done.users:,} users.{unknown}"
    )
