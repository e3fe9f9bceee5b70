"""The Python API without a server: names, arguments, frames. The calls themselves: tests/integration/test_client.py."""

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import click
import neo4j
import numpy as np
import pandas as pd
import pytest

import kgrec_gds
from kgrec_gds.cli import main
from kgrec_gds.client import KnowledgeGraph, user_id
from kgrec_gds.errors import ConnectionFailedError, EmbeddingError, InputError, UnreachableError
from kgrec_gds.serving.recommend_request import RecommendRequest
from kgrec_gds.serving.recommendations import Attended, Recommendation, Recommendations

METHODS = (
    *("import_", "embed", "train", "tune", "evaluate", "audit", "predict", "predictions"),
    *("recommend", "score", "find", "rate", "similar", "explain", "models"),
)
HEAVY = ("neo4j", "numpy", "pandas", "tensorflow", "graphdatascience", "py2neo", "rich")


@pytest.fixture(autouse=True)
def no_database_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
        monkeypatch.delenv(name, raising=False)


class CannedConnection:
    """Answers queries from a dictionary and records them."""

    uri, database, managed = "bolt://localhost:7687", "neo4j", False

    def __init__(self, answers: Mapping[str, list[dict[str, Any]]]) -> None:
        self.answers = answers
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def run(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        self.sent.append((name, parameters))
        return self.answers[name]

    def one(self, name: str, /, **parameters: Any) -> dict[str, Any]:
        (record,) = self.run(name, **parameters)
        return record

    def stream(self, name: str, /, **parameters: Any) -> Iterator[dict[str, Any]]:
        return iter(self.run(name, **parameters))


def graph(answers: Mapping[str, list[dict[str, Any]]] | None = None) -> Any:
    return KnowledgeGraph(CannedConnection(answers or {}))  # type: ignore[arg-type]


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = (
        "import sys, kgrec_gds\nkgrec_gds.errors, kgrec_gds.KgrecError, kgrec_gds.__version__, dir(kgrec_gds)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "[]"


def test_the_package_exports_its_public_names_and_no_other() -> None:
    assert set(kgrec_gds.__all__) == {"KgrecError", "KnowledgeGraph", "__version__", "connect", "errors"}
    assert set(kgrec_gds.__all__) <= set(dir(kgrec_gds))
    assert kgrec_gds.KnowledgeGraph is KnowledgeGraph
    assert kgrec_gds.__version__.split(".")[0].isdigit()
    for name in ("recommand", "Graph"):
        with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
            getattr(kgrec_gds, name)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_documented(name: str) -> None:
    assert len(inspect.getdoc(getattr(KnowledgeGraph, name)).split()) > 5


@pytest.mark.parametrize(
    "method",
    [
        "import_",
        "train",
        "tune",
        "evaluate",
        "audit",
        "predict",
        "recommend",
        "find",
        "rate",
        "similar",
        "explain",
    ],
)
def test_a_method_has_the_names_and_defaults_of_the_command_s_options(method: str) -> None:
    command = main.get_command(click.Context(main), method.rstrip("_"))
    assert command is not None
    group = click.Context(main, help_option_names=["-h", "--help"])
    defaults = command.make_context(method, [], parent=group, resilient_parsing=True).params
    parameters = inspect.signature(getattr(KnowledgeGraph, method)).parameters
    for option in command.params:
        if option.name in ("as_json", "env_file", "workers"):  # workers: by default a command uses all cores
            continue
        words = [option.name, *(flag.strip("-").replace("-", "_") for flag in option.opts)]
        name = next((word for word in words if word in parameters), None)
        assert name is not None, f"{method} has none of {words}"
        if isinstance(option, click.Option):
            default, given = defaults[option.name], parameters[name].default
            given = Path(given) if isinstance(default, Path) else given
            assert (given or None) == (default or None), name


def unsupported_targets() -> list[tuple[Any, str]]:
    return [
        (7, "Cannot connect to int"),
        (object(), "Cannot connect to object"),
        (ModuleType("py2neo"), "py2neo.Graph"),
        (neo4j.AsyncGraphDatabase.driver("bolt://127.0.0.1:1"), "Asynchronous drivers are not supported"),
    ]


@pytest.mark.parametrize(("target", "message"), unsupported_targets())
def test_an_unsupported_target_is_refused(target: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        kgrec_gds.connect(target)


def test_a_py2neo_graph_without_py2neo_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py2neo", None)
    monkeypatch.delitem(sys.modules, "py2neo")
    stranger = type("Graph", (), {"__module__": "py2neo.database"})()
    with pytest.raises(InputError, match=r"not installed: pip install 'kgrec-gds\[py2neo\]'"):
        kgrec_gds.connect(stranger)


def test_contradictory_arguments_and_unusable_targets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both a target and env_file"):
        kgrec_gds.connect("bolt://127.0.0.1:1", env_file=tmp_path / "x.env")
    with pytest.raises(InputError, match="need an address"):
        kgrec_gds.connect(password="x")
    with neo4j.GraphDatabase.driver("bolt://127.0.0.1:1") as driver:
        with pytest.raises(InputError, match="has its own"):
            kgrec_gds.connect(driver, password="x")
        with pytest.raises(UnreachableError, match=r"Cannot reach the server of the neo4j\.BoltDriver"):
            kgrec_gds.connect(driver)
    with pytest.raises(ConnectionFailedError, match="Pass an open one"):
        kgrec_gds.connect(driver)
    with pytest.raises(UnreachableError, match=r"Cannot reach bolt://127\.0\.0\.1:1 "):
        kgrec_gds.connect("bolt://127.0.0.1:1", username="me", password="x")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda kg, _: kg.predict(k=0), "Invalid k 0; expected at least 1"),
        (lambda kg, _: kg.recommend("1", diversity=2), "Invalid diversity 2"),
        (lambda kg, _: kg.similar("tt0114709", k=-1), "Invalid k -1"),
        (lambda kg, _: kg.recommend(5.0), "Invalid user id 5.0; expected an int or a str"),
        (lambda kg, _: kg.rate(None, "tt0114709", 8), "Invalid user id None"),
        (lambda kg, _: kg.score(pd.DataFrame({"user": [1], "tconst": ["tt1"]})), "Missing column user_id"),
    ],
)
def test_wrong_arguments_are_refused_before_a_query_is_sent(
    call: Callable[[Any, Path], Any], message: str, tmp_path: Path
) -> None:
    kg = graph()
    with pytest.raises(InputError, match=message):
        call(kg, tmp_path)
    assert kg.connection.sent == []


def test_only_the_managed_database_is_replaced(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"bolt://localhost:7687.*via"):
        graph().import_(tmp_path)


def test_an_unknown_setting_of_a_method_lists_those_there_are() -> None:
    with pytest.raises(EmbeddingError, match=r"walk_lenght.*walk_length"):
        graph().embed("node2vec", walk_lenght=3)


def test_user_ids_are_whole_numbers_or_strings() -> None:
    assert [user_id(7), user_id("007"), user_id(np.int64(7))] == ["7", "007", "7"]
    with pytest.raises(InputError):
        user_id(True)


def test_repr_names_the_database_and_counts_its_contents() -> None:
    counts = {"movies": 9742, "users": 610, "ratings": 100836, "predictions": 0}
    assert repr(graph({"client/counts": [counts]})) == (
        "<KnowledgeGraph 'neo4j' at bolt://localhost:7687: 9,742 movies, 610 users, 100,836 ratings, 0 predictions>"
    )
    assert repr(graph()) == "<KnowledgeGraph 'neo4j' at bolt://localhost:7687, not connected>"


def test_predictions_are_a_frame_with_typed_columns() -> None:
    row = {
        "user_id": "7", "tconst": "tt1", "title": "One", "predicted_rating": 7.5, "rating": None, "rank": 1,
        "attention_movies": ["tt2"], "attention_weights": [1.0], "model_id": "m", "predicted_at": 86_400,
    }  # fmt: skip
    kg = graph({"client/predictions": [row]})
    found = kg.predictions([7, "8"], model_id="m")
    assert kg.connection.sent == [("client/predictions", {"users": ["7", "8"], "modelId": "m"})]
    assert found["rating"].isna().all()
    assert found["rank"].tolist() == [1]
    assert found["predicted_at"][0].isoformat() == "1970-01-02T00:00:00+00:00"
    assert graph({"client/predictions": []}).predictions().empty


def test_recommendations_of_several_users_are_one_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    from kgrec_gds.workflows import recommend

    asked = []

    def canned(
        _connection: Any, users: list[str], request: RecommendRequest, loaded: Any
    ) -> list[Recommendations]:
        asked.append((users, request, loaded))
        row = Recommendation(1, "tt1", "One", None, 9, 7.5, 1.0, [], 1.0, 0.0, [Attended("tt2", "Two", 1.0)])
        return [Recommendations(user, "model", "m", 0, [row], None, {}) for user in users]

    kg, loaded = graph(), SimpleNamespace()
    monkeypatch.setattr(recommend, "recommend_many", canned)
    found = kg.recommend([1, "2", np.int64(3)], k=1, genres="Drama", among=["tt1"], loaded=loaded)
    assert found["user_id"].tolist() == ["1", "2", "3"]
    assert found["attention_movies"].tolist() == [["Two"]] * 3
    assert found["year"].isna().all()
    request = RecommendRequest(k=1, genres=("Drama",), among=("tt1",))
    assert asked == [(["1", "2", "3"], request, loaded)]
    assert list(kg.recommend([]).columns) == list(found.columns)
