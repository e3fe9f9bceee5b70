"""The command `demo`: all steps once, in a home of its own, so that the user's graph is never touched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kgrec_gds import home
from kgrec_gds.database import queries
from kgrec_gds.database.connection import VARIABLES
from kgrec_gds.progress import Timer, say
from kgrec_gds.serving.recommendations import Recommendations

#: Ready queries printed at the end, by their names in `cypher/browser/`.
SHOWN = ("01_recommended_to_a_user", "02_why_recommended", "07_how_well_it_predicts")


@dataclass(frozen=True)
class Demo:
    """Results of the demo, and the server that it leaves running."""

    home: str
    browser: str
    """Address of Neo4j Browser."""
    username: str
    password_file: str
    counts: dict[str, int]
    """Imported nodes and relationships, by label and type."""
    model_id: str
    metrics: dict[str, dict[str, dict[str, float]]]
    """Test errors by model and age of the history."""
    predictions_written: int
    recommendations: Recommendations
    queries: dict[str, str]
    """By purpose, to paste into Neo4j Browser."""
    seconds: dict[str, float]
    """Duration by stage."""


def demo(imdb: Path | None = None, *, seed: int = 7) -> Demo:
    """Start a server, import, embed, train, predict and recommend.

    Args:
        imdb: folder of IMDb's tables with user_rating.csv; by default a small data set is generated.
        seed: seed of the generated data.

    Raises:
        KgrecError: a step failed; finished steps are kept, and the demo can be run again.
    """
    timer = Timer()
    with own_home() as folder:
        from kgrec_gds.server import lifecycle
        from kgrec_gds.workflows.connect import connect
        from kgrec_gds.workflows.embed import embed
        from kgrec_gds.workflows.import_ import import_
        from kgrec_gds.workflows.predict import predict
        from kgrec_gds.workflows.recommend import recommend
        from kgrec_gds.workflows.train import train

        with _stage(timer, "server", "Starting Neo4j with Graph Data Science"):
            lifecycle.ensure_running()
        if imdb is None:
            with _stage(timer, "generate", "Generating a small data set"):
                imdb = _generate(folder / "data", seed)
        with _stage(timer, "import", f"Importing {imdb}"):
            imported = import_(imdb=imdb, csv_dir=folder / "import", yes=True)
        running = lifecycle.ensure_running()
        with connect() as connection:
            with _stage(timer, "embed", "Embedding the knowledge graph"):
                embed(connection)
            with _stage(timer, "train", "Training"):
                trained = train(connection)
            with _stage(timer, "predict", "Predicting"):
                predicted = predict(connection, model_id=trained.model_id)
            with _stage(timer, "recommend", "Recommending"):
                user = connection.one("serving/some_user")["user_id"]
                recommendations = recommend(connection, user)
        return Demo(
            home=str(folder),
            browser=running.http,
            username=running.username,
            password_file=running.password_file,
            counts={**imported.nodes, **imported.relationships},
            model_id=trained.model_id,
            metrics=trained.metrics,
            predictions_written=predicted.predictions_written,
            recommendations=recommendations,
            queries=_queries(user),
            seconds=timer.seconds,
        )


@contextmanager
def own_home() -> Iterator[Path]:
    """Use a home inside the user's, and no configured database, while the block runs."""
    folder = home.home() / "demo"
    before = {name: os.environ.get(name) for name in (home.HOME_VARIABLE, *VARIABLES)}
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ[home.HOME_VARIABLE] = str(folder)
    try:
        yield folder
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _stage(timer: Timer, name: str, message: str) -> Iterator[None]:
    say(f"\n── {message}")
    with timer.stage(name):
        yield


def _generate(folder: Path, seed: int) -> Path:
    from kgrec_gds.synthetic import SyntheticDataSettings, generate

    generate(folder, SyntheticDataSettings(seed=seed))
    return folder


def _queries(user: str) -> dict[str, str]:
    """The ready queries, with this user in place of their example."""
    found: dict[str, str] = {}
    for name in SHOWN:
        query = queries.load(f"browser/{name}")
        lines = [line for line in query.text.strip().splitlines() if not line.startswith("//")]
        found[query.purpose.split(" (")[0]] = "\n".join(lines).replace("WITH '1' AS", f"WITH '{user}' AS")
    return found
