"""The Python API: `connect` gives a `KnowledgeGraph`, whose methods are the commands of `kgrec-gds`.

Arguments and defaults are those of the commands' options. Tables are pandas frames; other results are frozen dataclasses.
Errors that the user can fix are `kgrec_gds.errors.KgrecError`.
"""

import numbers
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from kgrec_gds.database.connection import Connection, Tracer
from kgrec_gds.errors import InputError
from kgrec_gds.models.registry import DEFAULT_MODEL
from kgrec_gds.workflows import connect as _connect

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from kgrec_gds.data.splits import Protocol
    from kgrec_gds.database.targets import Target
    from kgrec_gds.explanations.explanation import Explanation
    from kgrec_gds.models.tuning import Sampler, Tuned
    from kgrec_gds.serving.loaded_model import LoadedModel
    from kgrec_gds.serving.recommendations import Order
    from kgrec_gds.workflows.audit import AuditReport
    from kgrec_gds.workflows.embed import EmbedResult
    from kgrec_gds.workflows.evaluate import Evaluation
    from kgrec_gds.workflows.import_ import ImportResult
    from kgrec_gds.workflows.models import Promoted, Removed
    from kgrec_gds.workflows.predict import Predicted
    from kgrec_gds.workflows.rate import Rated
    from kgrec_gds.workflows.train import Trained
    from kgrec_gds.workflows.tune import Search

AnyPath = str | os.PathLike[str]
UserId = int | str


def connect(
    target: "Target | None" = None,
    *,
    username: str | None = None,
    password: str | None = None,
    database: str | None = None,
    env_file: AnyPath | None = None,
    tracer: Tracer | None = None,
) -> "KnowledgeGraph":
    """Connect to a knowledge graph.

    Args:
        target: a Bolt address (`neo4j://host:7687`), a `neo4j.Driver`, a `GraphDataScience` or a `py2neo.Graph` (py2neo is
            end-of-life: for existing notebooks only). By default the database that `env_file` or the `NEO4J_*` variables
            name, else the managed server, which is installed and started if necessary.
        username: with an address; `neo4j` by default.
        password: with an address.
        database: name of the database; by default `neo4j`, or the one that the object is bound to.
        env_file: file with `NEO4J_URI`, `NEO4J_USERNAME`, …, such as Aura's credential file.
        tracer: called with the name and the parameters of each query before it is sent.

    Raises:
        InputError: unsupported target, or contradictory arguments.
        ConnectionFailedError: its subclasses say why.
        ServerError: the managed server could not be installed or started.
    """
    path = Path(env_file) if env_file is not None else None
    return KnowledgeGraph(
        _connect.connect(
            target, username=username, password=password, database=database, env_file=path, tracer=tracer
        )
    )


class KnowledgeGraph:
    """A movie knowledge graph in Neo4j, with a method for each command.

    Close it, or use it in a `with` block. An object that was passed to `connect` stays open.

    Args:
        connection: the database.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def import_(
        self,
        imdb: AnyPath | None = None,
        ratings: AnyPath | None = None,
        *,
        update: AnyPath | None = None,
        preset: str = "default",
        csv_dir: AnyPath | None = None,
        csv_only: bool = False,
        via: Literal["bolt"] | None = None,
        max_bad_share: float | None = None,
        quarantine: AnyPath | None = None,
        quarantine_removed: bool = False,
        hash_users: AnyPath | None = None,
        engine: Literal["duckdb", "spark"] = "duckdb",
        user: str | None = None,
        rating_scale: str | None = None,
        predictions: AnyPath | None = None,
        yes: bool = False,
        **rules: Any,
    ) -> "ImportResult":
        """Clean movie tables and ratings, and load them into the graph.

        On the managed server this replaces the whole database, including vectors and predictions. Any other database needs
        `via="bolt"`, `update` or `csv_only`.

        Args:
            imdb: folder of IMDb's tables; with the engine `spark` also the URI of one, such as `hdfs://host/imdb`.
            ratings: file of user ratings, or its URI; by default `user_rating.csv[.gz]` in the folder, if there is one.
            update: folder of new rows to add to the database instead of `imdb`; it may lack tables.
            preset: cleaning rules, `default` or `paper`.
            csv_dir: folder of the CSV files, the clean tables and the quality report; by default `import` in the tool's home.
            csv_only: load nothing; the result's `commands` say how to load the CSV files.
            via: `bolt` merges into the database in batches.
            max_bad_share: largest share of faulty rows that a table may have; 0.05 by default.
            quarantine: also write the faulty rows to this CSV file.
            quarantine_removed: add the rows that a cleaning rule removed.
            hash_users: replace user ids by hashes, salted with the contents of this file.
            engine: engine that cleans the tables.
            user: who gave all ratings, if their file has no column of users.
            rating_scale: least and greatest rating, such as `0.5-5`, which become 1 and 10.
            predictions: also load what `predict(csv_dir=…)` wrote into this folder; predictions of unknown users or movies
                are left out.
            yes: replace the database even if it would lose more than half of what it holds.
            rules: other settings of `kgrec_gds.cleaning.CleaningRules`.

        Raises:
            InputError: invalid input or arguments; the database is unchanged.
            LoadError: the loaded database differs from the tables; the old one is kept.
            ServerError: the managed server could not be started.
        """
        from kgrec_gds.workflows.import_ import import_

        result = import_(
            self.connection,
            imdb=_place(imdb),
            ratings=_place(ratings),
            update=_path(update),
            preset=preset,
            csv_dir=_path(csv_dir),
            csv_only=csv_only,
            via=via,
            max_bad_share=max_bad_share,
            quarantine=_path(quarantine),
            quarantine_removed=quarantine_removed,
            hash_users=_path(hash_users),
            engine=engine,
            user=user,
            rating_scale=rating_scale,
            predictions=_path(predictions),
            yes=yes,
            **rules,
        )
        if self.connection.managed and not (csv_only or via or update):
            self._reconnect()
        return result

    def embed(self, method: str | None = None, **settings: Any) -> "EmbedResult":
        """Make knowledge-graph vectors and write them to the nodes.

        Args:
            method: `transe` (the default), `distmult`, `fastrp` or `node2vec`.
            settings: settings of the method, such as `dimension`, `seed`, `concurrency`, `with_ratings` or `walk_length`.

        Raises:
            EmbeddingError: unknown method or setting, nothing to embed, or too little memory in the server.
            GdsAbsentError: the server lacks the Graph Data Science library.
        """
        from kgrec_gds.workflows.embed import embed

        return embed(self.connection, method, **settings)

    def train(
        self,
        model: str = DEFAULT_MODEL,
        *,
        protocol: "Protocol" = "global",
        seed: int = 0,
        embeddings: str | None = None,
        epochs: int | None = None,
        hold_out: bool = False,
        no_publish: bool = False,
        resume: bool = False,
        write: bool = False,
    ) -> "Trained":
        """Train a rating model and a ranking for `predict` and `recommend`; `as_frame` of the result has the test errors.

        Args:
            model: name of the model, such as `attention_lstm`, `trees_graph` or `blend`.
            protocol: how the ratings are split: `global`, `per-user` or `paper`.
            seed: the same seed gives the same metrics.
            embeddings: method of the vectors, `none` for none; by default the first that the graph has.
            epochs: most epochs, of which validation chooses; by default the model's.
            hold_out: keep the test ratings out of what recommends, too; by default model and ranking are fitted once more,
                on all ratings, for recommendations.
            no_publish: do not store the network in the graph for the procedures of the plugin.
            resume: finish the last interrupted training with its own settings, or record a finished one in the database.
            write: also write the predictions, as `predict` does.

        Raises:
            InputError: nothing to train on, vectors that have seen validation or test ratings, or wrong arguments.
            ModelRunError: no training to resume.
        """
        from kgrec_gds.workflows.train import train

        return train(
            self.connection,
            model=model,
            protocol=protocol,
            seed=seed,
            embeddings=embeddings,
            epochs=epochs,
            hold_out=hold_out,
            no_publish=no_publish,
            resume=resume,
            write=write,
        )

    def tune(
        self,
        model: "Tuned" = "attention_lstm",
        *,
        trials: int = 20,
        sampler: "Sampler" = "tpe",
        seed: int = 0,
        embeddings: str | None = None,
        storage: AnyPath | None = None,
    ) -> "Search":
        """Search for better hyperparameters of a model, without touching the test; see `kgrec-gds tune`.

        Raises:
            InputError: too few ratings, or vectors that have seen ratings of the folds.
        """
        from kgrec_gds.workflows.tune import tune

        return tune(
            self.connection,
            model=model,
            trials=trials,
            sampler=sampler,
            seed=seed,
            embeddings=embeddings,
            storage=_path(storage),
        )

    def predict(
        self,
        *,
        model_id: str | None = None,
        users: AnyPath = "test",
        k: int = 10,
        keep: bool = False,
        engine: Literal["local", "spark"] = "local",
        csv_dir: AnyPath | None = None,
    ) -> "Predicted":
        """Write predictions and recommendations with reasons and attention into the graph; `predictions` reads them.

        Args:
            model_id: a model run; by default the promoted, else the latest one.
            users: users to recommend to: `test` (those with a test rating), `all`, or a file with one user id per line.
            k: recommendations per user.
            keep: keep the predictions of other models.
            engine: predict in this process, or in Spark by blocks of users.
            csv_dir: write into this folder for `import_(predictions=…)`, and nothing into the graph.

        Raises:
            ModelRunError: no such run, it does not fit the graph, or the Spark job failed.
            InputError: an invalid argument, or the file of users is missing or empty.
        """
        _at_least_one(k=k)
        from kgrec_gds.workflows.predict import predict

        chosen = users if isinstance(users, str) and users in ("test", "all") else Path(users)
        return predict(
            self.connection,
            model_id=model_id,
            users=chosen,
            k=k,
            keep=keep,
            engine=engine,
            csv_dir=_path(csv_dir),
        )

    def predictions(
        self, user: UserId | Iterable[UserId] | None = None, *, model_id: str | None = None
    ) -> "pd.DataFrame":
        """Read the predictions that `predict` wrote, with the ratings given.

        Args:
            user: a user id or several; by default all users.
            model_id: a model run; by default all runs.

        Returns:
            `user_id`, `tconst`, `title`, `predicted_rating`, `rating` (NaN if not rated), `rank` (missing unless
            recommended), `attention_movies` (oldest first), `attention_weights`, `model_id`, `predicted_at` (UTC).
        """
        import pandas as pd

        users = None if user is None else _user_ids(user)
        rows = list(self.connection.stream("client/predictions", users=users, modelId=model_id))
        columns = ["user_id", "tconst", "title", "predicted_rating", "rating", "rank"]
        columns += ["attention_movies", "attention_weights", "model_id", "predicted_at"]
        found = pd.DataFrame(rows, columns=columns)
        return found.assign(
            rating=found["rating"].astype("float64"),
            rank=found["rank"].astype("Int64"),
            predicted_at=pd.to_datetime(found["predicted_at"], unit="s", utc=True),
        )

    def recommend(
        self,
        user: UserId | Iterable[UserId],
        *,
        k: int = 10,
        genres: Sequence[str] = (),
        years: str | None = None,
        min_ratings: int = 0,
        exclude: Iterable[str] | None = None,
        among: Iterable[str] | None = None,
        order: "Order" = "relevance",
        diversity: float = 0.0,
        new: int = 0,
        as_of: "str | int | date | None" = None,
        live: bool = False,
        model_id: str | None = None,
        loaded: "LoadedModel | None" = None,
    ) -> "pd.DataFrame":
        """Recommend unseen movies to one or more users.

        They are read from the graph if they are newer than the user's last rating and no option but `k` is given; otherwise
        they are ranked now.

        Args:
            user: a user id or several.
            k: number of movies per user.
            genres: only movies of at least one of these genres.
            years: only movies of these years: `1994`, `1990-1999`, `1990-` or `-1950`.
            min_ratings: only movies with at least so many ratings.
            exclude: movies (tconst) to leave out.
            among: movies (tconst) to choose among.
            order: by ranking score (`relevance`) or by predicted rating (`rating`).
            diversity: 0-1, how much a movie should differ from those above it.
            new: places kept for movies that hardly anybody rated, chosen by shared people.
            as_of: a date (UTC) or epoch seconds, to recommend with the ratings before it.
            live: rank and predict now, even if the graph holds recommendations.
            model_id: a model run; by default the promoted, else the latest one.
            loaded: a model from `load_model`, which saves loading it in each call.

        Returns:
            `user_id`, `rank`, `tconst`, `title`, `year`, `ratings` (how many the movie has), `predicted_rating`, `score`,
            `reasons` (liked movies and shared people), `reason_parts`, `popularity_part`, `other_part`, `attention_movies`
            (titles of the three past movies with the largest weights), `attention_weights`, `source` (`graph` or `model`),
            `model_id`.

        Raises:
            InputError: the graph has no such user, an invalid option, or no movie meets the conditions.
            ModelRunError: a model is needed and there is none.
        """
        _at_least_one(k=k)
        import pandas as pd

        from kgrec_gds.serving.recommend_request import RecommendRequest
        from kgrec_gds.workflows.recommend import recommend_many

        request = RecommendRequest(
            k=k,
            live=live,
            model_id=model_id,
            genres=(genres,) if isinstance(genres, str) else tuple(genres),
            years=years,
            min_ratings=min_ratings,
            exclude=tuple(exclude or ()),
            among=None if among is None else tuple(among),
            order=order,
            diversity=diversity,
            new=new,
            as_of=as_of,
        )
        rows: list[dict[str, Any]] = [
            {
                "user_id": found.user,
                "rank": row.rank,
                "tconst": row.tconst,
                "title": row.title,
                "year": row.year,
                "ratings": row.ratings,
                "predicted_rating": row.predicted_rating,
                "score": row.score,
                "reasons": [reason.name or reason.key for reason in row.reasons],
                "reason_parts": [reason.part for reason in row.reasons],
                "popularity_part": row.popularity,
                "other_part": row.other,
                "attention_movies": [past.title for past in row.attention],
                "attention_weights": [past.weight for past in row.attention],
                "source": found.source,
                "model_id": found.model_id,
            }
            for found in recommend_many(self.connection, _user_ids(user), request, loaded=loaded)
            for row in found.recommendations
        ]
        columns = [
            "user_id",
            "rank",
            "tconst",
            "title",
            "year",
            "ratings",
            "predicted_rating",
            "score",
            "reasons",
        ]
        columns += ["reason_parts", "popularity_part", "other_part", "attention_movies", "attention_weights"]
        return pd.DataFrame(rows, columns=[*columns, "source", "model_id"]).astype({"year": "Int64"})

    def score(
        self,
        pairs: "Iterable[tuple[UserId, str]] | pd.DataFrame",
        *,
        model_id: str | None = None,
        loaded: "LoadedModel | None" = None,
    ) -> "pd.DataFrame":
        """Predict the ratings of given users and movies.

        Args:
            pairs: pairs of user id and tconst, or a frame with the columns `user_id` and `tconst`.
            model_id: a model run; by default the promoted, else the latest one.
            loaded: a model from `load_model`, which saves loading it in each call.

        Returns:
            A row per pair: `user_id`, `tconst`, `title`, `predicted_rating` (NaN if impossible), `attention_movies` (oldest
            first), `attention_weights`, `was_impossible`, `reason`.

        Raises:
            ModelRunError: no such run, or it does not fit the graph.
        """
        import pandas as pd

        from kgrec_gds.workflows.score import score

        if isinstance(pairs, pd.DataFrame):
            if missing := {"user_id", "tconst"} - set(pairs.columns):
                raise InputError(
                    f"Missing column {', '.join(sorted(missing))}; expected a frame with user_id and tconst."
                )
            pairs = zip(pairs["user_id"], pairs["tconst"], strict=True)
        wanted = [(user_id, str(tconst)) for user, tconst in pairs for user_id in _user_ids(user)]
        found = score(self.connection, wanted, model_id=model_id, loaded=loaded)
        return found.as_frame.rename(columns={"user": "user_id"})

    def explain(
        self,
        user: UserId,
        movie: str,
        *,
        model_id: str | None = None,
        graph_only: bool = False,
        contributions: bool = False,
        paths: int = 10,
        html: AnyPath | None = None,
        heatmap: AnyPath | None = None,
        beside: Sequence[UserId] = (),
        loaded: "LoadedModel | None" = None,
    ) -> "Explanation":
        """Explain the predicted rating of a movie by a user.

        Args:
            user: user id.
            movie: tconst or title.
            model_id: a model run; by default the promoted, else the latest one.
            graph_only: load no model: explain what `predict` wrote, without contributions.
            contributions: also load the model where the database's procedure answers, for the contributions.
            paths: most paths.
            html: also write a page with subgraph and attention to this file.
            heatmap: also draw the attention of the user's written recommendations to this picture.
            beside: more users in the heatmap.
            loaded: a model from `load_model`, which saves loading it in each call.

        Returns:
            `rating`, `attention` (oldest first), `paths` (best first), `contributions`, `note`. `pandas.DataFrame` makes
            frames of the lists, for example of `attention`.

        Raises:
            InputError: no such user or movie, an ambiguous title, or nothing written for `graph_only`.
            ModelRunError: a model is needed and there is none.
        """
        _at_least_one(paths=paths)
        from kgrec_gds.workflows.explain import explain

        return explain(
            self.connection,
            user_id(user),
            movie,
            model_id=model_id,
            graph_only=graph_only,
            contributions=contributions,
            paths=paths,
            html=_path(html),
            heatmap=_path(heatmap),
            beside=[user_id(other) for other in beside],
            loaded=loaded,
        )

    def find(self, text: str, *, limit: int = 10) -> "pd.DataFrame":
        """The movies whose title fits a text, best first; creates the full-text index of titles if there is none.

        Args:
            text: title, words of it or their beginnings; a year may stand after it.
            limit: number of movies at most.

        Returns:
            `tconst`, `title`, `year`, `ratings` (their number); empty if no title fits.

        Raises:
            InputError: the limit is below 1.
        """
        _at_least_one(limit=limit)
        import pandas as pd

        from kgrec_gds.workflows.find import find

        found = find(self.connection, text, limit=limit)
        columns = ["tconst", "title", "year", "ratings"]
        return pd.DataFrame([vars(movie) for movie in found.movies], columns=columns).astype(
            {"year": "Int64", "ratings": "int64"}
        )

    def rate(self, user: UserId, movie: str, rating: float, *, rated_at: int | None = None) -> "Rated":
        """Add or change a rating, which the next `recommend` uses without training.

        Args:
            user: user id; the user may be new.
            movie: tconst or title.
            rating: 1-10.
            rated_at: epoch seconds UTC; now by default.

        Raises:
            InputError: a rating outside 1-10, an empty user id, no such movie, or an ambiguous title.
        """
        from kgrec_gds.workflows.rate import rate

        return rate(self.connection, user_id(user), movie, rating, rated_at=rated_at)

    def similar(self, movie: str, *, method: str | None = None, k: int = 10) -> "pd.DataFrame":
        """The movies nearest to one by their knowledge-graph vectors.

        Args:
            movie: tconst or title.
            method: method of the vectors; by default the first that the movie has.
            k: number of movies.

        Returns:
            `tconst`, `title`, `year`, `score`, `shared_genres`, `shared_people`, nearest first.

        Raises:
            InputError: no such movie, an ambiguous title, or k is below 1.
            EmbeddingError: the movie has no vector of the method.
        """
        _at_least_one(k=k)
        import pandas as pd

        from kgrec_gds.workflows.similar import similar

        found = similar(self.connection, movie, method=method, k=k)
        columns = ["tconst", "title", "year", "score", "shared_genres", "shared_people"]
        return pd.DataFrame([vars(near) for near in found.movies], columns=columns).astype({"year": "Int64"})

    def evaluate(
        self,
        models: Sequence[str] = (),
        *,
        protocols: "Sequence[Protocol]" = ("global", "per-user"),
        seeds: int = 3,
        embeddings: str | None = None,
        out: AnyPath = "report",
        ranking_users: int = 300,
        workers: int = 1,
    ) -> "Evaluation":
        """Compare models on the graph's ratings and write a report.

        Args:
            models: names of models; by default all.
            protocols: how the ratings are split.
            seeds: number of seeds.
            embeddings: method of the vectors, as in `train`.
            out: folder of the report; an interrupted evaluation continues with what is there.
            ranking_users: number of users of the ranking metrics, 0 for none.
            workers: processes in parallel, about 2 GB each.

        Raises:
            InputError: unknown model, too few ratings, or vectors that have seen validation or test ratings.
        """
        from kgrec_gds.workflows.evaluate import evaluate

        return evaluate(
            self.connection,
            models=models,
            protocols=protocols,
            seeds=seeds,
            embeddings=embeddings,
            out=Path(out),
            ranking_users=ranking_users,
            workers=workers,
        )

    def audit(
        self,
        preset: Literal["default", "paper"] = "default",
        *,
        features: str | None = None,
        model: str | None = None,
        model_id: str | None = None,
        no_model: bool = False,
    ) -> "AuditReport":
        """Test features and predictions for target leakage and look-ahead.

        Args:
            preset: the features that models read, or the published ones.
            features: `module:function` of your own features, a function of a data set.
            model: fit this model quickly and audit it in place of a model run.
            model_id: a model run; by default the promoted, else the latest one, else a quick fit.
            no_model: audit features only.

        Raises:
            InputError: no ratings, or no such function.
            ModelRunError: no such run, or it does not fit the graph.
        """
        from kgrec_gds.workflows.audit import audit

        return audit(
            self.connection,
            preset=preset,
            features=features,
            model=model,
            model_id=model_id,
            with_model=not no_model,
        )

    @property
    def models(self) -> "Models":
        """The model runs, as `kgrec-gds models`: `list()`, `promote(model_id)`, `remove(model_id)`."""
        return Models(self.connection)

    def load_model(self, model_id: str | None = None) -> "LoadedModel":
        """Load a model once for many calls of `recommend`, `score` and `explain`.

        It reads the newer ratings of the users that it is called for; load it again after other changes of the graph.

        Raises:
            ModelRunError: no such run, or it does not fit the graph.
        """
        from kgrec_gds.serving.loaded_model import LoadedModel

        return LoadedModel.load(self.connection, model_id)

    def close(self) -> None:
        """Close the connection; an object that was passed to `connect` stays open."""
        self.connection.close()

    def _reconnect(self) -> None:
        """Connect again to the managed server, which an import has restarted on another database."""
        old = self.connection
        old.close()
        self.connection = _connect.connect(database=old.database, tracer=old.tracer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        place = f"{self.connection.database!r} at {self.connection.uri}"
        try:
            counts = self.connection.one("client/counts")
        except Exception:  # a repr never fails, whatever the state of driver and server
            return f"<KnowledgeGraph {place}, not connected>"
        return f"<KnowledgeGraph {place}: {', '.join(f'{count:,} {name}' for name, count in counts.items())}>"


class Models:
    """The model runs of a graph."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> "pd.DataFrame":
        """All model runs, the latest first; a row per run, `metrics` by model and age of the history."""
        import pandas as pd

        from kgrec_gds.workflows.models import list_models

        return pd.DataFrame([vars(run) for run in list_models(self._connection).models])

    def promote(self, model_id: str) -> "Promoted":
        """Make `predict` and `recommend` use this run.

        Raises:
            ModelRunError: no such run on this machine, or its model cannot recommend.
        """
        from kgrec_gds.workflows.models import promote

        return promote(self._connection, model_id)

    def remove(self, model_id: str) -> "Removed":
        """Remove a run, its predictions in the graph and its folder.

        Raises:
            ModelRunError: no such run.
        """
        from kgrec_gds.workflows.models import remove

        return remove(self._connection, model_id)


def user_id(user: UserId) -> str:
    """A user id as the graph stores it.

    Raises:
        InputError: neither a string nor a whole number.
    """
    if isinstance(user, str):
        return user
    if isinstance(user, numbers.Integral) and not isinstance(user, bool):
        return str(int(user))
    raise InputError(f"Invalid user id {user!r}; expected an int or a str.")


def _user_ids(users: UserId | Iterable[UserId]) -> list[str]:
    if isinstance(users, str) or not isinstance(users, Iterable):
        return [user_id(users)]
    return [user_id(user) for user in users]


def _path(path: AnyPath | None) -> Path | None:
    return None if path is None else Path(path)


def _place(path: AnyPath | None) -> Path | str | None:
    # Path would turn hdfs://host/imdb into hdfs:/host/imdb.
    return path if isinstance(path, str) else _path(path)


def _at_least_one(**values: int | None) -> None:
    for name, value in values.items():
        if value is not None and value < 1:
            raise InputError(f"Invalid {name} {value}; expected at least 1.")
