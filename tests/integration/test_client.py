"""What a notebook may hand over in place of an address, against the real server."""

import gc
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import neo4j
import py2neo
import pytest
from graphdatascience import GraphDataScience

import kgrec_gds
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ConnectionFailedError, CredentialsRefusedError
from kgrec_gds.server import RunningServer
from kgrec_gds.synthetic import SyntheticDataSettings, generate

KINDS = ("address", "driver", "gds of an address", "gds of a driver", "py2neo", "graph")
USER = "handed over"


def driver_of(server: RunningServer) -> neo4j.Driver:
    address = server.address
    return neo4j.GraphDatabase.driver(address.uri, auth=(address.username, address.password))


@pytest.fixture
def handed(request: pytest.FixtureRequest, server: RunningServer) -> Iterator[Any]:
    """One kind of target."""
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
            case "graph":
                yield stack.enter_context(Connection.open(address))


def ask(handed: Any) -> Any:
    """A query in the object's own words, to see that it is still open."""
    query = "RETURN 7 AS n"
    if isinstance(handed, Connection):
        return handed.driver.execute_query(query).records[0]["n"]
    if isinstance(handed, neo4j.Driver):
        return handed.execute_query(query).records[0]["n"]
    if isinstance(handed, GraphDataScience):
        return handed.run_cypher(query)["n"][0]
    if isinstance(handed, py2neo.Graph):
        return handed.evaluate(query)
    return 7


@pytest.fixture
def one_prediction(graph: Connection) -> Iterator[None]:
    graph.driver.execute_query(
        "CREATE (:User {userId: $user})-[:PREDICTED_RATING {rating: 7.5, rank: 1, modelId: 'm', predictedAt: 86400, "
        "attentionMovies: ['tt2'], attentionWeights: [1.0]}]->(:Movie {tconst: 'tt-handed', title: 'One'})",
        user=USER,
    )
    yield
    graph.driver.execute_query(
        "MATCH (n) WHERE n.userId = $user OR n.tconst = 'tt-handed' DETACH DELETE n", user=USER
    )


@pytest.mark.parametrize("handed", KINDS, indirect=True)
def test_every_kind_of_target_gives_the_same(
    handed: Any, server: RunningServer, graph: Connection, one_prediction: None
) -> None:
    login = {"password": server.address.password} if isinstance(handed, str) else {}
    with kgrec_gds.connect(handed, **login) as connected:
        assert connected.database == "neo4j"
        assert connected.gds_version == graph.gds_version
        assert str(connected.gds.server_version()) == str(graph.gds.server_version())
        found = kgrec_gds.predictions(connected, USER)
        assert found[["user", "tconst", "predicted_rating", "rank"]].to_numpy().tolist() == [
            [USER, "tt-handed", 7.5, 1]
        ]
        assert found["given_rating"].isna().all()
        assert found["predicted_at"][0].isoformat() == "1970-01-02T00:00:00+00:00"
    assert ask(handed) == 7


@pytest.mark.parametrize("handed", KINDS[1:], indirect=True)
def test_a_call_takes_the_object_itself_and_leaves_it_open(handed: Any, one_prediction: None) -> None:
    rated = kgrec_gds.rate(handed, USER, "tt-handed", 8)
    assert (rated.title, rated.rating, rated.before) == ("One", 8.0, None)
    assert kgrec_gds.predictions(handed, [USER])["given_rating"].tolist() == [8.0]
    assert ask(handed) == 7


def test_a_client_made_on_the_way_lives_as_long_as_the_connection(server: RunningServer) -> None:
    address = server.address
    graph = kgrec_gds.connect(
        GraphDataScience(address.uri, auth=(address.username, address.password), arrow=False)
    )
    gc.collect()
    assert graph.one("server/gds_version")["version"]
    graph.handed.close()


def test_objects_that_are_closed_are_refused(server: RunningServer) -> None:
    address = server.address
    driver = driver_of(server)
    driver.close()
    with pytest.raises(ConnectionFailedError, match=r"The neo4j\.\w+ should be open"):
        kgrec_gds.connect(driver)
    client = GraphDataScience(address.uri, auth=(address.username, address.password), arrow=False)
    client.close()
    with pytest.raises(ConnectionFailedError, match=r"The graphdatascience\.GraphDataScience should be open"):
        kgrec_gds.connect(client)
    graph = Connection.open(address)
    graph.close()
    with pytest.raises(ConnectionFailedError, match="should be open"):
        kgrec_gds.connect(graph, database="other")


@pytest.mark.parametrize("handed", KINDS[1:], indirect=True)
def test_another_database_is_asked_for_and_refused_by_name(handed: Any) -> None:
    with pytest.raises(ConnectionFailedError, match="'nowhere'"):
        kgrec_gds.connect(handed, database="nowhere")
    assert ask(handed) == 7


def test_wrong_credentials_are_said(server: RunningServer) -> None:
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
    with pytest.raises(ConnectionFailedError, match="should speak Bolt"):
        kgrec_gds.connect(py2neo.Graph(server.http))


def test_without_a_target_the_configured_database_is_meant(server: RunningServer, tmp_path: Path) -> None:
    with kgrec_gds.connect() as managed:
        assert managed.database == "neo4j"
    address = server.address
    file = tmp_path / "credentials.env"
    file.write_text(f"NEO4J_URI={address.uri}\nNEO4J_PASSWORD={address.password}\nNEO4J_DATABASE=nowhere\n")
    with pytest.raises(ConnectionFailedError, match="'nowhere'"):
        kgrec_gds.connect(env_file=file)
    with kgrec_gds.connect(env_file=file, database="neo4j") as named:
        assert named.one("client/answers") == {"one": 1}


@pytest.fixture
def swept(graph: Connection) -> Iterator[None]:
    """Takes out all nodes that the test brings in."""
    before = [row["id"] for row in graph.driver.execute_query("MATCH (n) RETURN elementId(n) AS id").records]
    yield
    graph.driver.execute_query("MATCH (n) WHERE NOT elementId(n) IN $before DETACH DELETE n", before=before)


@pytest.mark.parametrize("handed", ["py2neo"], indirect=True)
def test_import_merges_into_what_is_handed_over(handed: Any, swept: None, tmp_path: Path) -> None:
    made = generate(tmp_path / "raw", SyntheticDataSettings(users=5, movies=20, ratings_per_user=6))
    options: dict[str, Any] = {"into": handed, "csv_dir": tmp_path / "csv", "max_bad_share": 0.2}
    first = kgrec_gds.import_(tmp_path / "raw", **options)
    assert first.way == "bolt"
    assert first.rows is not None
    assert first.rows["movies"].new == made.movies
    assert handed.evaluate("MATCH (:User)-[r:RATED]->() RETURN count(r)") >= first.rows["ratings"].new > 0
    again = kgrec_gds.import_(str(tmp_path / "raw"), update=True, **options)
    assert again.way == "update"
    assert again.rows is not None
    assert sum(table.new + table.changed for table in again.rows.values()) == 0
