"""The GDS client on the project's driver."""

from typing import Any

import neo4j
from graphdatascience import GraphDataScience
from graphdatascience.error.unable_to_connect import UnableToConnectError
from graphdatascience.query_runner.neo4j_query_runner import Neo4jQueryRunner
from neo4j.exceptions import ServiceUnavailable

_TRIES = 3


class _QueryRunner(Neo4jQueryRunner):
    """The client's own, but for the ten minutes that it waits in silence for a server that has gone."""

    def run_cypher(self, *args: Any, **options: Any) -> Any:
        """Run a query.

        Raises:
            ServiceUnavailable: the server has gone.
        """
        options.setdefault("connectivity_retry_config", self.ConnectivityRetriesConfig(max_retries=_TRIES))
        try:
            return super().run_cypher(*args, **options)
        except UnableToConnectError as error:
            raise ServiceUnavailable(str(error.__cause__ or error)) from error


def gds_client(driver: neo4j.Driver, database: str) -> GraphDataScience:
    """A client without progress bars, which would interfere with ours, and without Arrow, which Community lacks."""
    protocol = "neo4j+s" if driver.encrypted else "bolt"
    runner = _QueryRunner(driver, protocol, database=database, show_progress=False)
    return GraphDataScience(runner, database=database, arrow=False, show_progress=False)
