"""`kgrec-gds predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, show

if TYPE_CHECKING:
    from kgrec_gds.workflows.predict import Predicted


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
@click.option("--keep", is_flag=True, help="Keep the predictions of other models in the graph.")
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="Predict in this process, or in Spark by blocks of users.",
)
@click.option(
    "--csv-dir",
    type=click.Path(path_type=Path),
    help="Write the predictions into this folder for import --predictions, and nothing into the graph.",
)
@env_file_option
@json_option
def predict(users: str, env_file: Path | None, as_json: bool, **options: Any) -> None:
    """Write predictions and recommendations into the graph, as PREDICTED_RATING relationships.

    Predicts the model's test ratings, and ranks for users the movies to watch next, each with its predicted rating, reasons
    and attention. Renews popularity and LIKED_TOGETHER in the graph. Running it again leaves the same relationships.
    """
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.predict import predict as run

    with connect(env_file=env_file) as connection:
        chosen = users if users in ("test", "all") else Path(users)
        show(run(connection, users=chosen, **options), as_json, _text)


def _text(done: "Predicted") -> str:
    unknown = f"Not in the graph: {', '.join(done.unknown_users)}" if done.unknown_users else None
    place = "The graph" if done.csv_dir is None else f"The folder {done.csv_dir}"
    counts = (
        f"{place} holds {done.predictions_written:,} predictions of model {done.model_id}: {done.test_events:,} of "
        f"given ratings, and {done.recommendations_written:,} recommendations for {done.users:,} users."
    )
    load = f"To load them with everything else: kgrec-gds import … --predictions {done.csv_dir}"
    return "\n".join(filter(None, (counts, load if done.csv_dir else None, done.note, unknown)))
