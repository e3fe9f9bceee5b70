import inspect
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import neo4j
import pytest

import kgrec_gds
from kgrec_gds.errors import ConnectionFailedError, EmbeddingError, InputError, UnreachableError

CALLS = ("connect", "import_", "embed", "train", "predict", "recommend", "explain", "rate", "similar")
HEAVY = ("neo4j", "numpy", "pandas", "tensorflow", "graphdatascience", "py2neo")


@pytest.fixture(autouse=True)
def no_database_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
        monkeypatch.delenv(name, raising=False)


def printed(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_the_package_and_the_names_of_its_calls_load_nothing_heavy() -> None:
    program = (
        "import sys, kgrec_gds\nfrom kgrec_gds import embed, explain, predict, recommend, train\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert printed(program).strip() == "[]"


@pytest.mark.parametrize("room", ["embed", "explain", "predict", "recommend", "train"])
def test_a_room_stays_a_package_and_can_be_called_whoever_imports_it_first(room: str) -> None:
    first_inside = f"import kgrec_gds.{room}, kgrec_gds\n"
    first_outside = f"import kgrec_gds\nkgrec_gds.{room}\n"
    for start in (first_inside, first_outside):
        program = start + f"print(callable(kgrec_gds.{room}), bool(kgrec_gds.{room}.__path__))"
        assert printed(program).split() == ["True", "True"]


@pytest.mark.parametrize("name", CALLS)
def test_every_call_has_a_signature_and_is_listed(name: str) -> None:
    call = getattr(kgrec_gds, name)
    assert name in dir(kgrec_gds)
    assert inspect.signature(call) == inspect.signature(getattr(kgrec_gds.client, name))


def test_a_name_that_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'recommand'"):
        kgrec_gds.recommand  # noqa: B018 - looking it up is the test


def wrong_targets() -> list[tuple[Any, str]]:
    return [
        (7, "received int"),
        (object(), "received object"),
        (ModuleType("py2neo"), "py2neo.Graph"),
        (neo4j.AsyncGraphDatabase.driver("bolt://127.0.0.1:1"), "synchronous"),
    ]


@pytest.mark.parametrize(("target", "words"), wrong_targets())
def test_what_is_no_database_is_refused_by_name(target: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        kgrec_gds.connect(target)


def test_a_py2neo_graph_without_py2neo_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py2neo", None)
    monkeypatch.delitem(sys.modules, "py2neo")
    stranger = type("Graph", (), {"__module__": "py2neo.database"})()
    with pytest.raises(InputError, match=r"not installed here: pip install 'kgrec-gds\[py2neo\]'"):
        kgrec_gds.connect(stranger)


def test_arguments_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="received both"):
        kgrec_gds.connect("bolt://127.0.0.1:1", env_file=tmp_path / "x.env")
    with neo4j.GraphDatabase.driver("bolt://127.0.0.1:1") as driver:
        with pytest.raises(InputError, match="brings its own"):
            kgrec_gds.connect(driver, password="x")
        with pytest.raises(UnreachableError, match=r"Nobody answers the neo4j\.BoltDriver"):
            kgrec_gds.connect(driver)
    with pytest.raises(ConnectionFailedError, match="should be open"):
        kgrec_gds.connect(driver)
    with pytest.raises(UnreachableError, match=r"at bolt://127\.0\.0\.1:1 "):
        kgrec_gds.connect("bolt://127.0.0.1:1", username="me", password="x")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda folder: kgrec_gds.import_(folder, csv_only=True, update=True), "give one of them"),
        (lambda folder: kgrec_gds.import_(folder, update=True, preset="paper"), "preset default"),
        (lambda folder: kgrec_gds.import_(folder, max_bad_shar=0.1), "max_bad_shar"),
        (lambda folder: kgrec_gds.import_(folder / "none", csv_only=True, csv_dir=folder / "csv"), "none"),
        (lambda _: kgrec_gds.predict(None, k=0), "k should be at least 1"),
        (lambda _: kgrec_gds.recommend(None, "1", candidates=0), "candidates should be at least 1"),
        (lambda _: kgrec_gds.similar(None, "tt0114709", k=-1), "k should be at least 1"),
    ],
)
def test_wrong_arguments_are_refused_before_any_database_is_asked(
    call: Callable[[Path], Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words):
        call(tmp_path)


def test_a_configured_database_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    with pytest.raises(InputError, match=r"NEO4J_URI names bolt://127\.0\.0\.1:1"):
        kgrec_gds.import_(tmp_path)


def test_an_unknown_setting_of_a_method_lists_those_there_are() -> None:
    with pytest.raises(EmbeddingError, match=r"has no setting walk_lenght; expected one of .*walk_length"):
        kgrec_gds.embed(None, "node2vec", walk_lenght=3)


def test_a_frame_has_a_row_an_element() -> None:
    @dataclass
    class Movie:
        tconst: str
        year: int

    found = kgrec_gds.frame([Movie("tt1", 1995), Movie("tt2", 2003)])
    assert found.to_dict("list") == {"tconst": ["tt1", "tt2"], "year": [1995, 2003]}
    assert kgrec_gds.frame([]).empty
