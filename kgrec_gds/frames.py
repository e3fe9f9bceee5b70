"""What the Python API gives beyond the commands' results: pandas frames."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgrec_gds.database.targets import Target, opened

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Trained:
    """What a training left."""

    model_id: str
    folder: Path
    """Of the model run."""
    metrics: dict[str, dict[str, float]]
    """By predictor: `mse`, `rmse`, `mae` on test."""
    epochs: int
    """Epochs that validation chose."""
    history: list[dict[str, float]]
    """By epoch: errors on training and validation events."""
    trees: int
    events: dict[str, int]
    """Events of train, validation and test."""
    cutoffs: dict[str, int]
    """First moment of validation and of test, epoch seconds UTC (protocol `global`)."""
    embeddings: str | None
    """Method of the vectors it read."""
    protocol: str
    predictions_written: int | None
    """With `write`."""
    seconds: dict[str, float]
    """By room."""

    @property
    def as_frame(self) -> "pd.DataFrame":
        """Test errors, one row a predictor: columns `mse`, `rmse`, `mae`."""
        import pandas as pd

        return pd.DataFrame.from_dict(self.metrics, orient="index")


def predictions(
    graph: Target = None, users: Sequence[str] | str | None = None, *, model_id: str | None = None
) -> "pd.DataFrame":
    """The predictions that stand in the graph.

    Args:
        graph: the database.
        users: a user id or several; None reads all users'.
        model_id: of one model run; None reads all runs'.

    Returns:
        One row a prediction, by user, model and rank: `user`, `tconst`, `title`, `predicted_rating`, `given_rating`
        (NaN where there is none), `rank` (missing where it is no recommendation), `attention_movies` (list of tconst,
        oldest first), `attention_weights` (as many, summing to 1), `model_id`, `predicted_at` (UTC).
    """
    import pandas as pd

    asked = [users] if isinstance(users, str) else None if users is None else [str(user) for user in users]
    with opened(graph) as connection:
        rows = list(connection.stream("client/predictions", users=asked, modelId=model_id))
    columns = ("user", "tconst", "title", "predicted_rating", "given_rating", "rank")
    found = pd.DataFrame(
        rows, columns=[*columns, "attention_movies", "attention_weights", "model_id", "predicted_at"]
    )
    return found.assign(
        given_rating=found["given_rating"].astype("float64"),
        rank=found["rank"].astype("Int64"),
        predicted_at=pd.to_datetime(found["predicted_at"], unit="s", utc=True),
    )


def frame(rows: Iterable[Any]) -> "pd.DataFrame":
    """A frame of a result's list, such as `similar(...).movies`: one row an element, one column a field."""
    import pandas as pd

    return pd.DataFrame([vars(row) for row in rows])
