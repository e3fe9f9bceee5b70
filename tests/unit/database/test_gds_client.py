"""The GDS client tells at once that the server has gone."""

import neo4j
import pytest
from graphdatascience.query_runner.query_type import QueryType
from neo4j.exceptions import ServiceUnavailable

from kgrec_gds.database import gds_client
from kgrec_gds.server.ports import any_free


def test_a_server_that_has_gone_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gds_client, "_TRIES", 1)
    with neo4j.GraphDatabase.driver(f"bolt://127.0.0.1:{any_free()}") as driver:
        runner = gds_client._QueryRunner(driver, "bolt", database="neo4j")
        with pytest.raises(ServiceUnavailable, match="Couldn't connect"):
            runner.run_cypher("RETURN 1", QueryType.SYSTEM)
