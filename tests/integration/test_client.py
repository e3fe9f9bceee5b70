"""`connect` with everything that a notebook may have, and the methods of its object, against the real server."""

import gc
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import neo4j
import py2neo
import pytest
from click.testing import CliRunner
from graphdatascience import GraphDataScience

import kgrec_gds
from kgrec_gds.cli import main
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ConnectionFailedError, CredentialsRefusedError, InputError
from kgrec_gds.server.server_state import RunningServer
from kgrec_gds.synthetic import SyntheticDataSettings, generate

KINDS = ("address", "driver", "gds of an address", "gds of a driver", "py2neo", "connection")
USER = "4711"


def driver_of(server: RunningServer) -> neo4j.Driver:
    address = server.address
    return neo4j.GraphDatabase.driver(address.uri, auth=(address.username, address.password))


@pytest.fixture
def target(request: pytest.FixtureRequest, server: RunningServer) -> Iterator[Any]:
    """A target of each kind."""
    address = server.address
    credentials = (address.username, address.password)
    with ExitStack() as stack:
        match request.param:
            case "address":
                yield address.uri
            case "driver":
                yield stack.enter_context(driver_of(server))
            case "gds of an address":
                yield stack.enter_context(
                    GraphDataScience(address.uri, auth=credentials, arrow=False, show_progress=False)
                )
            case "gds of a driver":
                driver = stack.enter_context(driver_of(server))
                yield GraphDataScience(driver, arrow=False, show_progress=False)
            case "py2neo":
                yield py2neo.Graph(address.uri, auth=credentials)
            case "connection":
                yield stack.enter_context(Connection.open(address))


def answer(target: Any) -> Any:
    """The answer to a query of the object's own, to see that it is still open."""
    query = "RETURN 7 AS n"
    if isinstance(target, Connection):
        return target.driver.execute_query(query).records[0]["n"]
    if isinstance(target, neo4j.Driver):
        return target.execute_query(query).records[0]["n"]
    if isinstance(target, GraphDataScience):
        return target.run_cypher(query)["n"][0]
    if isinstance(target, py2neo.Graph):
        return target.evaluate(query)
    return 7


@pytest.fixture
def one_prediction(graph: Connection) -> Iterator[None]:
    graph.driver.execute_query(
        "CREATE (:User {userId: $user})-[:PREDICTED_RATING {rating: 7.5, rank: 1, modelId: 'm', predictedAt: 86400, "
        "attentionMovies: ['tt2'], attentionWeights: [1.0]}]->(:Movie {tconst: 'tt-one', title: 'One'})",
        user=USER,
    )
    yield
    graph.driver.execute_query(
        "MATCH (n) WHERE n.userId = $user OR n.tconst = 'tt-one' DETACH DELETE n", user=USER
    )


@pytest.mark.parametrize("target", KINDS, indirect=True)
def test_every_kind_of_target_gives_the_same(
    target: Any, server: RunningServer, graph: Connection, one_prediction: None
) -> None:
    login = {"password": server.address.password} if isinstance(target, str) else {}
    with kgrec_gds.connect(target, **login) as kg:
        assert kg.connection.database == "neo4j"
        assert kg.connection.gds_version == graph.gds_version
        assert str(kg.connection.gds.server_version()) == str(graph.gds.server_version())
        assert server.address.uri.rpartition(":")[2] in repr(kg)
        found = kg.predictions(int(USER))
        assert found[["user_id", "tconst", "predicted_rating", "rank"]].to_numpy().tolist() == [
            [USER, "tt-one", 7.5, 1]
        ]
        assert found["rating"].isna().all()
        assert found["predicted_at"][0].isoformat() == "1970-01-02T00:00:00+00:00"
    assert answer(target) == 7


@pytest.mark.parametrize("target", KINDS[1:], indirect=True)
def test_a_target_stays_open_when_the_graph_is_closed(target: Any, one_prediction: None) -> None:
    with kgrec_gds.connect(target) as kg:
        rated = kg.rate(int(USER), "tt-one", 8)
        assert (rated.title, rated.rating, rated.before) == ("One", 8.0, None)
        assert kg.predictions([USER])["rating"].tolist() == [8.0]
    assert answer(target) == 7


def test_a_tracer_sees_the_queries(server: RunningServer, one_prediction: None) -> None:
    sent: list[str] = []
    address = server.address
    with kgrec_gds.connect(
        address.uri, password=address.password, tracer=lambda name, _: sent.append(name)
    ) as kg:
        kg.predictions(USER)
        assert "1 prediction" in repr(kg)
    assert sent == ["client/predictions", "client/counts"]
    assert repr(kg).endswith("not connected>")


def test_verbose_prints_the_queries(home: Path, server: RunningServer, one_prediction: None) -> None:
    verbose = CliRunner().invoke(main, ["-v", "rate", USER, "tt-one", "8", "--json"])
    assert "Query serving/rate {" in verbose.stderr
    assert json.loads(verbose.stdout)["rating"] == 8
    assert CliRunner().invoke(main, ["-q", "rate", USER, "tt-one", "8", "--json"]).stderr == ""


def test_a_client_without_other_references_lives_as_long_as_the_graph(server: RunningServer) -> None:
    address = server.address
    client = GraphDataScience(address.uri, auth=(address.username, address.password), arrow=False)
    driver, kg = client.db_driver(), kgrec_gds.connect(client)
    del client
    gc.collect()
    assert kg.connection.gds_version
    del kg
    gc.collect()
    driver.close()


def test_closed_objects_are_refused(server: RunningServer) -> None:
    address = server.address
    driver = driver_of(server)
    driver.close()
    with pytest.raises(ConnectionFailedError, match=r"Cannot use the neo4j\.\w+ .*Pass an open one"):
        kgrec_gds.connect(driver)
    client = GraphDataScience(address.uri, auth=(address.username, address.password), arrow=False)
    client.close()
    with pytest.raises(ConnectionFailedError, match=r"Cannot use the graphdatascience\.GraphDataScience"):
        kgrec_gds.connect(client)
    connection = Connection.open(address)
    connection.close()
    with pytest.raises(ConnectionFailedError, match="Pass an open one"):
        kgrec_gds.connect(connection, database="other")


@pytest.mark.parametrize("target", KINDS[1:], indirect=True)
def test_an_unknown_database_is_refused_by_name(target: Any) -> None:
    with pytest.raises(ConnectionFailedError, match="'nowhere'"):
        kgrec_gds.connect(target, database="nowhere")
    assert answer(target) == 7


def test_wrong_credentials_are_reported(server: RunningServer) -> None:
    with pytest.raises(CredentialsRefusedError, match="refuses the credentials of 'neo4j'"):
        kgrec_gds.connect(server.address.uri, password="wrong")
    with (
        neo4j.GraphDatabase.driver(server.address.uri, auth=("neo4j", "wrong")) as driver,
        pytest.raises(CredentialsRefusedError, match="refuses the credentials of the neo4j"),
    ):
        kgrec_gds.connect(driver)


def test_a_py2neo_graph_over_http_is_refused(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # Over HTTP py2neo cannot even ask a server of today for its version, so the graph is made without asking.
    monkeypatch.setattr(
        "py2neo.client.Connector.__init__", lambda self, profile, **_: vars(self).update(_profile=profile)
    )
    monkeypatch.setattr("py2neo.client.Connector.profile", property(lambda self: self._profile))
    with pytest.raises(ConnectionFailedError, match=r"Unsupported py2neo\.Graph"):
        kgrec_gds.connect(py2neo.Graph(server.http))


def test_without_a_target_the_configured_database_is_used(server: RunningServer, tmp_path: Path) -> None:
    with kgrec_gds.connect() as kg:
        assert (kg.connection.database, kg.connection.managed) == ("neo4j", True)
    address = server.address
    file = tmp_path / "credentials.env"
    file.write_text(f"NEO4J_URI={address.uri}\nNEO4J_PASSWORD={address.password}\nNEO4J_DATABASE=nowhere\n")
    with pytest.raises(ConnectionFailedError, match="'nowhere'"):
        kgrec_gds.connect(env_file=file)
    with kgrec_gds.connect(env_file=file, database="neo4j") as kg:
        assert (kg.connection.database, kg.connection.managed) == ("neo4j", False)


@pytest.fixture
def swept(graph: Connection) -> Iterator[None]:
    """Removes the nodes that the test adds."""
    before = [row["id"] for row in graph.driver.execute_query("MATCH (n) RETURN elementId(n) AS id").records]
    yield
    graph.driver.execute_query("MATCH (n) WHERE NOT elementId(n) IN $before DETACH DELETE n", before=before)


@pytest.mark.parametrize("target", ["py2neo"], indirect=True)
def test_import_merges_into_any_database_over_bolt(target: Any, swept: None, tmp_path: Path) -> None:
    made = generate(tmp_path / "raw", SyntheticDataSettings(users=5, movies=20, ratings_per_user=6))
    options: dict[str, Any] = {"csv_dir": tmp_path / "csv", "max_bad_share": 0.2}
    with kgrec_gds.connect(target) as kg:
        first = kg.import_(tmp_path / "raw", via="bolt", **options)
        assert first.mode == "merge"
        assert first.rows is not None
        assert first.rows["movies"].new == made.movies
        assert target.evaluate("MATCH (:User)-[r:RATED]->() RETURN count(r)") >= first.rows["ratings"].new > 0
        again = kg.import_(update=str(tmp_path / "raw"), **options)
        assert again.mode == "update"
        assert again.rows is not None
        assert sum(table.new + table.changed for table in again.rows.values()) == 0
        with pytest.raises(InputError, match="via"):
            kg.import_(tmp_path / "raw", **options)
