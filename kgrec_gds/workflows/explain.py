"""Why a rating was predicted: attended movies, paths through the graph, and what each part is worth."""

from typing import TYPE_CHECKING, Any, Literal

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.explanations.explanation import AttendedStep, Contributions, Explanation, Path, PathNode
from kgrec_gds.progress import Timer
from kgrec_gds.serving.model_runs import promoted_id

if TYPE_CHECKING:
    from kgrec_gds.explanations.explanation_model import Scorer


def explain(
    graph: Connection,
    user: str,
    tconst: str,
    *,
    model_id: str | None = None,
    graph_only: bool = False,
    paths: int = 10,
    scorer: "Scorer | None" = None,
) -> Explanation:
    """Explain the predicted rating of a movie by a user.

    Rating and attention are those that `predict` wrote, where they are newer than the user's last rating; else they
    are scored now, for any user and movie. A movie that the user has rated is explained as of just before that rating.

    Args:
        graph: the database.
        user: user id.
        tconst: a movie of the graph.
        model_id: a model run; the promoted, else the latest one by default.
        graph_only: load no model: written predictions only, and no contributions.
        paths: most paths.
        scorer: a loaded model, where several predictions are explained.

    Raises:
        InputError: no such user or movie, or nothing written where only the graph may be asked.
        ModelRunError: scoring is needed and no model run is at hand.
    """
    timer = Timer()
    with timer.stage("read"):
        meant = model_id or (scorer.model_id if scorer else promoted_id(graph))
        pair = _pair(graph, user, tconst, meant)
    written = _fresh(pair)
    if graph_only and not written:
        raise InputError(
            f"The graph should hold a prediction of {tconst} for user {user} newer than the user's last rating, but "
            "holds none. Leave --graph-only out to score it now, or run kgrec-gds predict."
        )
    source: Literal["graph", "model"] = "graph" if written else "model"
    rating, movies, weights = pair["rating"], pair["attention_movies"], pair["attention_weights"]
    parts: Contributions | None = None
    chosen: Any = pair["model_id"] if written else model_id
    if not graph_only:
        if scorer is None:
            with timer.stage("load"):
                # Only here: the model brings tensorflow, which takes seconds.
                from kgrec_gds.explanations.explanation_model import Scorer

                scorer = Scorer.load(graph, chosen)
        with timer.stage("score"):
            query = scorer.query(user, tconst, pair["rated_at"])
            whole = scorer.score(query)
            if not written:
                rating, chosen = float(whole.rating[0]), scorer.model_id
                movies, weights = whole.attention[0][0], whole.attention[0][1].tolist()
            parts = scorer.contributions(query, whole)
    with timer.stage("paths"):
        attention = _attention(graph, user, movies or [], weights or [], until=pair["rated_at"])
        found = graph.run(
            "explanations/paths", tconst=tconst, movies=movies or [], weights=weights or [], k=paths
        )
    return Explanation(
        user=user,
        movie=tconst,
        title=pair["title"],
        year=pair["year"],
        rating=rating,
        given=pair["rated"],
        attention=attention,
        paths=[_path(row) for row in found],
        contributions=parts,
        note=_note(attention, found),
        model_id=chosen,
        source=source,
        seconds=timer.seconds,
    )


def _pair(graph: Connection, user: str, tconst: str, model_id: str | None) -> dict[str, Any]:
    pair = graph.one("explanations/pair", userId=user, tconst=tconst, modelId=model_id)
    if not pair["user_found"]:
        raise InputError(
            f"The graph has no user {user!r}. A first rating makes one: kgrec-gds rate {user} TCONST RATING."
        )
    if not pair["movie_found"]:
        raise InputError(
            f"The graph has no movie {tconst!r}. A tconst reads like tt0114709; look one up by its title."
        )
    return pair


def _fresh(pair: dict[str, Any]) -> bool:
    """Whether what is written still holds.

    A prediction of a given rating is about the moment of that rating, so later ratings do not touch it, unless the
    movie was rated anew since. A recommendation is about now: any newer rating of the user makes it old.
    """
    if pair["predicted_at"] is None:
        return False
    if pair["rank"] is None:
        return pair["rated_at"] is not None and pair["rated_at"] < pair["predicted_at"]
    return pair["rated_at"] is None and (pair["last_rated_at"] or 0) < pair["predicted_at"]


def _attention(
    graph: Connection, user: str, movies: list[str], weights: list[float], *, until: int | None
) -> list[AttendedStep]:
    """What was attended to, with the ratings of before the explained moment; one that was given anew is not told."""
    rated = {row["tconst"]: row for row in graph.run("explanations/ratings", userId=user, tconsts=movies)}
    nothing = {"title": None, "rating": None, "rated_at": None}
    steps = []
    for tconst, weight in zip(movies, weights, strict=True):
        row = rated.get(tconst, nothing)
        again = until is not None and row["rated_at"] is not None and row["rated_at"] >= until
        told = nothing if again else row
        steps.append(AttendedStep(tconst, row["title"], weight, told["rating"], told["rated_at"]))
    return steps


def _path(row: dict[str, Any]) -> Path:
    nodes = [PathNode(node["label"], node["key"], node["name"]) for node in row["nodes"]]
    return Path(nodes, row["relationships"], row["score"])


def _note(attention: list[AttendedStep], paths: list[dict[str, Any]]) -> str | None:
    if not attention:
        return "The user has no earlier rating: the averages and the movie's side of the graph speak alone."
    if not paths:
        return "The attended movies and this one share no person and no genre, and no path of four steps joins them."
    return None
