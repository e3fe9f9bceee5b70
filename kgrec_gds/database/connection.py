"""The one door to the database: driver, Graph Data Science client, and queries run by name."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import neo4j
from neo4j.exceptions import AuthError, ClientError, ConfigurationError, DriverError, ServiceUnavailable

from kgrec_gds.database import queries
from kgrec_gds.errors import (
    ConnectionFailedError,
    CredentialsRefusedError,
    GdsAbsentError,
    GdsTooOldError,
    InputError,
    UnreachableError,
)

OLDEST_GDS = (2, 13)
_BOLT = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://")
#: Environment variables that name a database.
VARIABLES = ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE")


@dataclass(frozen=True)
class Address:
    """Where a database is and who we are there."""

    uri: str
    username: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str = "neo4j"


def address_from_environment(env_file: Path | None = None) -> Address | None:
    """Address from `NEO4J_*` variables, or from `env_file`, which then wins over them.

    Returns:
        None where no `NEO4J_URI` is given: the managed server is meant.

    Raises:
        InputError: the file cannot be read or names no `NEO4J_URI`.
    """
    values = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    if env_file is not None:
        values |= _read_env_file(env_file)
        if "NEO4J_URI" not in values:
            raise InputError(
                f"{env_file} should name NEO4J_URI, as Aura's credential file does, but it does not."
            )
    if not values.get("NEO4J_URI"):
        return None
    return Address(
        uri=values["NEO4J_URI"],
        username=values.get("NEO4J_USERNAME", "neo4j"),
        password=values.get("NEO4J_PASSWORD", ""),
        database=values.get("NEO4J_DATABASE", "neo4j"),
    )


def _read_env_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--env-file should be a readable text file; {path} is not: {error}") from error
    pairs = (
        line.removeprefix("export ").split("=", 1) for line in lines if "=" in line and line.strip()[0] != "#"
    )
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs if name.strip() in VARIABLES}


class _Rows(list[Any]):
    """A parameter that the driver does not spell out for its debug log, which takes longer than sending it."""

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"


def unlogged(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters that cost nothing to log; for those who run queries of their own."""
    return {name: _Rows(value) if isinstance(value, list) else value for name, value in parameters.items()}


class Connection:
    """A connection: runs queries of `cypher/` by name and lends the GDS client.

    It can wrap what a notebook already has: a `neo4j.Driver` or a `GraphDataScience` (see `kgrec_gds.connect`).
    """

    def __init__(self, driver: neo4j.Driver, database: str = "neo4j", *, owns_driver: bool = True) -> None:
        self.driver = driver
        self.database = database
        self._owns_driver = owns_driver
        #: What a notebook handed in, kept alive; see `kgrec_gds.database.targets`.
        self.handed: Any = None

    @classmethod
    def open(cls, address: Address) -> "Connection":
        """Connect and check that the server answers and takes the credentials.

        Raises:
            UnreachableError: nobody answers.
            CredentialsRefusedError: the username or password is refused.
            ConnectionFailedError: the address itself, or the database named, is wrong.
        """
        # The driver also speaks HTTP, as a preview with packages of its own; we hold to Bolt.
        if not _BOLT.match(address.uri):
            raise ConnectionFailedError(
                f"The database's address (NEO4J_URI) should look like neo4j://host:7687; {address.uri!r} does not."
            )
        try:
            # Notifications are hints on plans; a user's terminal is no place for them.
            driver = neo4j.GraphDatabase.driver(
                address.uri,
                auth=(address.username, address.password),
                notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
            )
        except (ConfigurationError, ValueError) as error:
            raise ConnectionFailedError(
                f"The database's address (NEO4J_URI) should look like neo4j://host:7687; {address.uri!r} does not: {error}"
            ) from error
        graph = cls(driver, address.database)
        try:
            graph._check(address)
        except BaseException:
            driver.close()
            raise
        return graph

    def _check(self, address: Address) -> None:
        try:
            self.driver.verify_connectivity()
            self.driver.execute_query("RETURN 1", database_=self.database)
        except AuthError as error:
            raise CredentialsRefusedError(
                f"{address.uri} refuses the credentials of {address.username!r}. Check username and password (NEO4J_USERNAME, NEO4J_PASSWORD)."
            ) from error
        except ClientError as error:
            raise ConnectionFailedError(
                f"{address.uri} answers but cannot serve the database {self.database!r} ({error.message}). Check the database (NEO4J_DATABASE)."
            ) from error
        except (ServiceUnavailable, DriverError, OSError) as error:
            raise UnreachableError(
                f"Nobody answers at {address.uri} ({error}). Is the server running, and is this (NEO4J_URI) its Bolt address?"
            ) from error

    def run(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Run the query `room/name` in a managed transaction and return its records as dictionaries."""
        query = queries.load(name)
        result = self.driver.execute_query(query.text, unlogged(parameters), database_=self.database)
        return [record.data() for record in result.records]

    def one(self, name: str, /, **parameters: Any) -> dict[str, Any]:
        """Run a query that returns exactly one record."""
        (record,) = self.run(name, **parameters)
        return record

    def stream(self, name: str, /, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        """Yield the records of a query one by one, without holding them all."""
        query = queries.load(name)
        with self.driver.session(database=self.database) as session:
            for record in session.run(query.text, unlogged(parameters)):
                yield dict(record)

    def run_alone(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Run a query that manages its own transactions (`CALL { … } IN TRANSACTIONS`, schema commands)."""
        query = queries.load(name)
        with self.driver.session(database=self.database) as session:
            return [record.data() for record in session.run(query.text, unlogged(parameters))]

    def work(
        self, name: str, /, **parameters: Any
    ) -> Callable[[neo4j.ManagedTransaction], list[dict[str, Any]]]:
        """A unit of work for `session.execute_write`, which retries it on transient errors."""
        query = queries.load(name)

        def run(transaction: neo4j.ManagedTransaction) -> list[dict[str, Any]]:
            return [record.data() for record in transaction.run(query.text, unlogged(parameters))]

        return run

    @contextmanager
    def session(self) -> Iterator[neo4j.Session]:
        """A driver session on our database, for batches that need their own transactions."""
        with self.driver.session(database=self.database) as session:
            yield session

    @cached_property
    def gds(self) -> Any:
        """The GDS client on the same driver.

        Raises:
            GdsAbsentError: the server has no GDS.
            GdsTooOldError: its GDS is older than what we call.
        """
        self.gds_version  # noqa: B018 - the property raises our own errors before the client raises its
        from graphdatascience import GraphDataScience

        # No Arrow (Community has none), and its progress bars would mix with ours.
        return GraphDataScience(self.driver, database=self.database, arrow=False, show_progress=False)

    @cached_property
    def gds_version(self) -> str:
        """Version of the server's GDS library; see `gds` for the errors."""
        try:
            version = str(self.one("server/gds_version")["version"])
        except ClientError as error:
            raise GdsAbsentError(
                "The server has no Graph Data Science library, and embeddings need it. Put the GDS jar into its plugins/, "
                "or unset NEO4J_URI to use the managed server, which has it."
            ) from error
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        if numbers < OLDEST_GDS:
            oldest = ".".join(map(str, OLDEST_GDS))
            raise GdsTooOldError(
                f"The server's GDS should be {oldest} or newer; it is {version}. Update its plugin."
            )
        return version

    def close(self) -> None:
        """Close the driver, where it is ours."""
        if self._owns_driver:
            self.driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(env_file: Path | None = None) -> Connection:
    """Connect to the configured database; where none is configured, to the managed server, started if need be.

    Raises:
        ConnectionFailedError: its subclasses say why.
        ServerError: the managed server could not be installed or started.
    """
    address = address_from_environment(env_file)
    if address is None:
        from kgrec_gds import server

        address = server.ensure_running().address
    return Connection.open(address)
