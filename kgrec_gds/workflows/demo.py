"""The whole way of the data once, in a home of its own: the user's graph is never touched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgrec_gds import home
from kgrec_gds.database import queries
from kgrec_gds.database.connection import VARIABLES, Connection
from kgrec_gds.progress import Timer, say
from kgrec_gds.serving.recommendations import Recommendations

#: Ready queries shown at the end, by their names in `cypher/browser/`.
SHOWN = ("01_recommended_to_a_user", "02_why_recommended", "07_how_well_it_predicts")


@dataclass(frozen=True)
class Demo:
    """What the demo left running and showed."""

    home: str
    browser: str
    """Address of Neo4j Browser."""
    username: str
    password_file: str
    counts: dict[str, int]
    """Nodes and relationships imported, by label and type."""
    model_id: str
    metrics: dict[str, dict[str, float]]
    """Test errors by model."""
    predictions_written: int
    recommendations: Recommendations
    queries: dict[str, str]
    """By purpose, to paste into Neo4j Browser."""
    seconds: dict[str, float]


def demo(imdb: Path | None = None, *, seed: int = 7) -> Demo:
    """Server, data, import, embed, train, predict, recommend.

    Args:
        imdb: folder of IMDb's tables with user_rating.csv; without one a small data set is generated.
        seed: of the generated data.

    Raises:
        KgrecError: a step could not be done; what was finished stays, and the demo can be run again.
    """
    timer = Timer()
    with own_home() as folder:
        from kgrec_gds import server
        from kgrec_gds.embeddings.embedding_settings import settings_for
        from kgrec_gds.loading.import_request import run_request
        from kgrec_gds.workflows.embed import embed
        from kgrec_gds.workflows.predict import predict
        from kgrec_gds.workflows.recommend import recommend
        from kgrec_gds.workflows.train import train_from_graph

        with timer.stage("server"):
            _step("a Neo4j with Graph Data Science")
            server.ensure_running()
        if imdb is None:
            with timer.stage("generate"):
                imdb = _generated(folder / "data", seed)
        with timer.stage("import"):
            _step(f"importing {imdb}")
            imported = run_request(imdb=imdb, csv_dir=folder / "import")
        running = server.ensure_running()
        with Connection.open(running.address) as graph:
            with timer.stage("embed"):
                _step("embedding the knowledge graph")
                embed(graph, settings_for())
            with timer.stage("train"):
                _step("training")
                trained = train_from_graph(graph)
            with timer.stage("predict"):
                _step("predicting")
                predicted = predict(graph)
            with timer.stage("recommend"):
                user = graph.one("serving/some_user")["user_id"]
                recommendations = recommend(graph, user)
        return Demo(
            home=str(folder),
            browser=running.http,
            username=running.username,
            password_file=running.password_file,
            counts={**imported.nodes, **imported.relationships},
            model_id=predicted.model_id,
            metrics=trained["metrics"],
            predictions_written=predicted.predictions_written,
            recommendations=recommendations,
            queries=_queries(user),
            seconds=timer.seconds,
        )


@contextmanager
def own_home() -> Iterator[Path]:
    """A home inside the user's, with no other database configured, while the block runs."""
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


def _step(what: str) -> None:
    say(f"\n── {what}")


def _generated(folder: Path, seed: int) -> Path:
    from kgrec_gds.synthetic import SyntheticDataSettings, generate

    _step("making a small data set with a planted taste")
    generate(folder, SyntheticDataSettings(seed=seed))
    return folder


def _queries(user: str) -> dict[str, str]:
    """The ready queries to paste, asked for this user."""
    found: dict[str, str] = {}
    for name in SHOWN:
        query: Any = queries.load(f"browser/{name}")
        lines = [line for line in query.text.strip().splitlines() if not line.startswith("//")]
        found[query.purpose.split(" (")[0]] = "\n".join(lines).replace("WITH '1' AS", f"WITH '{user}' AS")
    return found
