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
        if str(value).isdecimal() and int(value) > 0:
            return int(value)
        self.fail(f"{value!r} is not a number above 0, and not all.", param, ctx)


candidates_option = click.option(
    "--candidates",
    type=CountOrAll(),
    default="500",
    show_default=True,
    help="Movies a user that the model scores, preselected without a model.",
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
    help="Recommend to: test (users with a test rating), all, or a file of user ids.",
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
@click.option("--keep", is_flag=True, help="Keep the predictions of other models in the graph.")
@env_file_option
@json_option
def predict(users: str, env_file: Path | None, as_json: bool, **options: Any) -> None:
    """Write predictions with their attention into the graph, as PREDICTED_RATING relationships.

    Predicts the model's test ratings, and recommends the best unseen movies to users. Running it again leaves the same
    relationships.
    """
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.predict import predict as run

    with connect(env_file=env_file) as connection:
        chosen = users if users in ("test", "all") else Path(users)
        show(run(connection, users=chosen, **options), as_json, _text)


def _text(done: "Predicted") -> str:
    unknown = f"Not in the graph: {', '.join(done.unknown_users)}" if done.unknown_users else None
    counts = (
        f"The graph holds {done.predictions_written:,} predictions of model {done.model_id}: {done.test_events:,} of "
        f"given ratings, and {done.recommendations_written:,} recommendations for {done.users:,} users."
    )
    return "\n".join(filter(None, (counts, done.note, unknown)))
