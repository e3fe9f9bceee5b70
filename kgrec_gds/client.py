"""The Python API: one call a command, with typed results and pandas frames.

Every call takes what stands for a database first: what `connect` gave, or anything `connect` takes (see
`kgrec_gds.database.targets.connect`). Words and defaults are those of the commands; wrong values raise a `KgrecError` that
says what should hold. Imported lazily by `kgrec_gds`, whose names these are.
"""

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kgrec_gds.database.targets import Target, connect, opened
from kgrec_gds.errors import InputError
from kgrec_gds.frames import Trained, frame, predictions

if TYPE_CHECKING:
    from kgrec_gds.data.splits import Protocol
    from kgrec_gds.explanations.explanation import Explanation
    from kgrec_gds.serving.rating import Rated
    from kgrec_gds.serving.recommendations import Recommendations
    from kgrec_gds.serving.similar_movies import Similar
    from kgrec_gds.workflows.embed import EmbedResult
    from kgrec_gds.workflows.import_ import Imported
    from kgrec_gds.workflows.predict import Predicted

__all__ = [
    "Trained",
    "connect",
    "embed",
    "explain",
    "frame",
    "import_",
    "predict",
    "predictions",
    "rate",
    "recommend",
    "similar",
    "train",
]

AnyPath = str | os.PathLike[str]


def import_(
    imdb: AnyPath,
    ratings: AnyPath | None = None,
    *,
    into: Target = None,
    update: bool = False,
    preset: str = "default",
    csv_dir: AnyPath = "import",
    csv_only: bool = False,
    quarantine: AnyPath | None = None,
    hash_users: AnyPath | None = None,
    **rules: Any,
) -> "Imported":
    """Clean movie tables and ratings and load them into the graph; see `kgrec-gds import`.

    Without `into` the managed server's database is replaced as a whole, vectors and predictions included.

    Args:
        imdb: folder of IMDb's tables; with `update` it may lack some.
        ratings: file of user ratings, by default `user_rating.csv[.gz]` in the folder, if there is one.
        into: merge into this running database over Bolt, in batches, instead.
        update: only add new rows to the running database: `into`, or the configured one.
        preset: cleaning rules, `default` or `paper`.
        csv_dir: folder of the CSV files, the clean tables and the quality report.
        csv_only: load nothing; the result's `commands` say how to load the CSV.
        quarantine: also write the rows set aside to this CSV file.
        hash_users: replace user ids by hashes salted with what this file holds; made where it is missing, but with `update`.
        rules: settings of `kgrec_gds.cleaning.PrepareSettings` that differ from the preset's, such as `max_bad_share`.

    Returns:
        Counts of nodes by label and of relationships by type, rows by table, and where the reports are.

    Raises:
        InputError: the input or a rule is not what it should be; a database serves on as it was.
        LoadError: the new database is not what the tables say; the old one serves on.
        ServerError: the managed server could not be installed or started.
    """
    from kgrec_gds.database.connection import address_from_environment
    from kgrec_gds.loading.import_request import read_salt
    from kgrec_gds.workflows.import_ import Source, import_csv, import_managed, import_through_bolt
    from kgrec_gds.workflows.import_ import update as add_rows

    if csv_only and (into is not None or update):
        raise InputError("csv_only loads nothing, and into and update load; give one of them.")
    if update and preset != "default":
        raise InputError("update goes with the preset default: other rules weigh a data set as a whole.")
    if hash_users is not None:
        rules["user_salt"] = read_salt(Path(hash_users), make=not update)
    source = _source(
        Source, preset, rules, imdb=imdb, ratings=ratings, csv_dir=csv_dir, quarantine=quarantine
    )
    if csv_only:
        return import_csv(source)
    if update or into is not None:
        with opened(into) as graph:
            return add_rows(graph, source) if update else import_through_bolt(graph, source)
    if (address := address_from_environment()) is not None:
        raise InputError(
            f"Without into, import_ replaces the managed database, and NEO4J_URI names {address.uri}. Merge into that "
            "by into=kgrec_gds.connect(), or unset NEO4J_URI."
        )
    return import_managed(source)


def embed(graph: Target = None, method: str | None = None, **settings: Any) -> "EmbedResult":
    """Make knowledge-graph vectors and write them to the nodes; see `kgrec-gds embed`.

    Args:
        graph: the database.
        method: `transe`, `distmult`, `fastrp` or `node2vec`; by default what `train` prefers, `transe`.
        settings: of the method, such as `dimension`, `seed`, `with_ratings`, `walk_length`; see
            `kgrec_gds.embeddings.methods` and `kgrec_gds.embeddings.embedding_settings`.

    Raises:
        EmbeddingError: no such method or setting, nothing to embed, or not enough memory in the server.
        GdsAbsentError: the server has no Graph Data Science library.
    """
    from kgrec_gds.embeddings.embedding_settings import settings_for
    from kgrec_gds.workflows.embed import embed as run

    settings_for(method, **settings)  # refuses invalid settings before a server is started
    with opened(graph) as connection:
        return run(connection, method, **settings)


def train(
    graph: Target = None,
    *,
    embeddings: str | None = None,
    protocol: "Protocol" = "global",
    preset: str = "default",
    seed: int = 0,
    epochs: int | None = None,
    members: int | None = None,
    write: bool = False,
    go_on: bool = False,
    resume: bool = False,
) -> Trained:
    """Fit the model that `predict` and `recommend` use; see `kgrec-gds train`.

    Args:
        graph: the database.
        embeddings: method of the vectors, `none` for none; by default the preferred among those present.
        protocol: how events are divided: `global`, `per-user` or `paper`.
        preset: `default`, or `paper` to compare only.
        seed: the same seed gives the same metrics.
        epochs: most epochs; validation chooses among them.
        members: networks whose mean is the attention-LSTM's, 3 by default; fewer train faster.
        write: also predict and write, as `predict` does.
        go_on: start from the weights of the last finished run (`--continue`).
        resume: finish the last interrupted run, with its settings.

    Raises:
        InputError: nothing to train on, or vectors that know too much.
        ModelRunError: no run to resume or to continue.
    """
    from kgrec_gds.workflows.train import train_from_graph

    with opened(graph) as connection:
        done = train_from_graph(
            connection,
            embeddings=embeddings,
            protocol=protocol,
            preset=preset,
            seed=seed,
            epochs=epochs,
            members=members,
            write=write,
            go_on=go_on,
            resume=resume,
        )
    names = {field.name for field in dataclasses.fields(Trained)}
    return Trained(**{name: done[name] for name in names - {"folder"}}, folder=Path(done["folder"]))


def predict(
    graph: Target = None,
    *,
    model_id: str | None = None,
    users: Literal["test", "all"] | AnyPath = "test",
    k: int = 10,
    candidates: int | None = 500,
    keep: bool = False,
) -> "Predicted":
    """Write predictions with their attention into the graph; see `kgrec-gds predict`. `predictions` reads them.

    Args:
        graph: the database.
        model_id: a model run; the promoted, else the latest one by default.
        users: `test` (those with a test event), `all`, or a file with a user id a line.
        k: recommendations a user.
        candidates: movies preselected a user; None scores all.
        keep: leave other models' predictions.

    Raises:
        ModelRunError: no such run, or it does not fit the graph.
        InputError: a number is below 1, or the file of users is missing or empty.
    """
    _positive(k=k, candidates=candidates)
    from kgrec_gds.workflows.predict import predict as run

    chosen = users if users in ("test", "all") else Path(users)
    with opened(graph) as connection:
        return run(connection, model_id=model_id, users=chosen, k=k, candidates=candidates, keep=keep)


def recommend(
    graph: Target,
    user: str,
    *,
    k: int = 10,
    live: bool = False,
    model_id: str | None = None,
    candidates: int | None = 500,
) -> "Recommendations":
    """The k best unseen movies of a user; see `kgrec-gds recommend`. `as_frame` has a row a movie.

    Each call that scores loads the model anew; for many users take `kgrec_gds.serving.live.LiveRecommender`.

    Args:
        graph: the database; None is the configured one.
        user: user id.
        k: how many movies.
        live: score now, whatever is written.
        model_id: a model run; the promoted, else the latest one by default.
        candidates: when scoring, movies preselected by a cheap causal score; None scores all.

    Raises:
        InputError: the graph has no such user, or a number is below 1.
        ModelRunError: scoring is needed and no model run is at hand.
    """
    _positive(k=k, candidates=candidates)
    from kgrec_gds.workflows.recommend import recommend as run

    with opened(graph) as connection:
        return run(connection, user, k=k, live=live, model_id=model_id, candidates=candidates)


def explain(
    graph: Target,
    user: str,
    tconst: str,
    *,
    model_id: str | None = None,
    graph_only: bool = False,
    paths: int = 10,
) -> "Explanation":
    """Say why a movie's rating by a user is predicted as it is; see `kgrec-gds explain`.

    Args:
        graph: the database; None is the configured one.
        user: user id.
        tconst: a movie of the graph.
        model_id: a model run; the promoted, else the latest one by default.
        graph_only: load no model: what `predict` wrote, without contributions.
        paths: most paths.

    Returns:
        `rating`, `attention` (oldest first), `paths` (heaviest first), `contributions`; `frame(found.attention)` and
        `frame(found.paths)` make frames of them, and `kgrec_gds.explanations.explanation_page.write_page` a page.

    Raises:
        InputError: no such user or movie, or nothing written where only the graph may be asked.
        ModelRunError: scoring is needed and no model run is at hand.
    """
    _positive(paths=paths)
    from kgrec_gds.workflows.explain import explain as run

    with opened(graph) as connection:
        return run(connection, user, tconst, model_id=model_id, graph_only=graph_only, paths=paths)


def rate(graph: Target, user: str, tconst: str, rating: float, *, rated_at: int | None = None) -> "Rated":
    """Add a user's rating of a movie, 1-10, or change it; the next `recommend` uses it. See `kgrec-gds rate`.

    `rated_at` is in epoch seconds UTC, now by default. The user may be new.

    Raises:
        InputError: the rating lies outside 1-10, the user has no name, or the graph has no such movie.
    """
    from kgrec_gds.serving.rating import rate as run

    with opened(graph) as connection:
        return run(connection, user, tconst, rating, rated_at=rated_at)


def similar(graph: Target, tconst: str, *, method: str | None = None, k: int = 10) -> "Similar":
    """The k movies nearest to one by a method's vectors; see `kgrec-gds similar`. `frame(found.movies)` has a row each.

    Raises:
        InputError: the graph has no such movie, or k is below 1.
        EmbeddingError: the movie has no vector of the method.
    """
    _positive(k=k)
    from kgrec_gds.serving.similar_movies import similar as run

    with opened(graph) as connection:
        return run(connection, tconst, method=method, k=k)


def _source(kind: Any, preset: str, rules: dict[str, Any], **places: AnyPath | None) -> Any:
    from kgrec_gds.cleaning import PrepareSettings

    paths = {name: Path(place) for name, place in places.items() if place is not None}
    return kind(settings=PrepareSettings.preset(preset, **rules), **paths)


def _positive(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise InputError(f"{name} should be at least 1; received {number}.")
