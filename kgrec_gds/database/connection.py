"""The connection to the database: driver, GDS client, and queries run by name."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

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
#: Environment variables that name a database.
VARIABLES = ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE")

Tracer = Callable[[str, Mapping[str, Any]], None]
"""Called with the name and the parameters of each query before it is sent."""

_BOLT = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://")


@dataclass(frozen=True)
class Address:
    """Address and credentials of a database."""

    uri: str
    username: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str = "neo4j"

    def __post_init__(self) -> None:
        """Refuse an address that the driver cannot parse, or that would show a password wherever it is shown.

        Raises:
            ConnectionFailedError: the address is invalid.
        """
        if "@" in self.uri:
            raise ConnectionFailedError(
                "The database address (NEO4J_URI) holds a user or a password; expected e.g. neo4j://host:7687. Set "
                "NEO4J_USERNAME and NEO4J_PASSWORD instead."
            )
        try:
            parts = urlsplit(self.uri)
            (parts.hostname or "").encode("idna")
            # Other schemes, such as HTTP, need more packages of the driver.
            valid = _BOLT.match(self.uri) and parts.hostname and parts.port != 0
        except ValueError:
            valid = False
        if not valid or " " in self.uri or not self.uri.isprintable():
            raise ConnectionFailedError(_invalid_address(self.uri))


def address_from_environment(env_file: Path | None = None) -> Address | None:
    """Address from the `NEO4J_*` variables; values in `env_file` take precedence.

    Returns:
        None without a `NEO4J_URI`, which stands for the managed server.

    Raises:
        InputError: the file cannot be read or has no `NEO4J_URI`.
        ConnectionFailedError: the address is invalid.
    """
    values = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    if env_file is not None:
        values |= _read_env_file(env_file)
        if "NEO4J_URI" not in values:
            raise InputError(f"No NEO4J_URI in {env_file}; expected the format of Aura's credential file.")
    if not values.get("NEO4J_URI"):
        return None
    return Address(
        uri=values["NEO4J_URI"].strip(),
        username=values.get("NEO4J_USERNAME", "neo4j"),
        password=values.get("NEO4J_PASSWORD", ""),
        database=values.get("NEO4J_DATABASE", "neo4j"),
    )


def _read_env_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"The env file {path} is not UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise InputError(f"Cannot read the env file {path}: {error}. Check the path.") from error
    pairs = (
        line.removeprefix("export ").split("=", 1) for line in lines if "=" in line and line.strip()[0] != "#"
    )
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs if name.strip() in VARIABLES}


class _Rows(list[Any]):
    """A list whose `repr` is short: the driver formats every parameter for its debug log, which is slow."""

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"


def unlogged(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters whose lists are not formatted for logs."""
    return {name: _Rows(value) if isinstance(value, list) else value for name, value in parameters.items()}


class Connection:
    """A connection to one database: runs the queries of `cypher/` by name and holds the GDS client.

    Args:
        driver: an open driver.
        database: name of the database.
        uri: address, for messages.
        owns_driver: close the driver with the connection.
        managed: whether the managed server is behind it, whose database an import may replace.
        keep: an object that must live as long as the connection, such as a GDS client that owns the driver.
        tracer: called before each query run by name.
    """

    def __init__(
        self,
        driver: neo4j.Driver,
        database: str = "neo4j",
        *,
        uri: str = "",
        owns_driver: bool = True,
        managed: bool = False,
        keep: Any = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.driver = driver
        self.database = database
        self.uri = uri
        self.managed = managed
        self._owns_driver = owns_driver
        self._keep = keep
        self.tracer = tracer
        self.address: Address | None = None
        """For other processes that connect; None where the driver is the caller's."""

    @classmethod
    def open(cls, address: Address, *, managed: bool = False, tracer: Tracer | None = None) -> "Connection":
        """Connect, and check that the server answers and accepts the credentials.

        Raises:
            UnreachableError: no server answers.
            CredentialsRefusedError: the username or password is refused.
            ConnectionFailedError: the address or the name of the database is wrong.
        """
        try:
            driver = neo4j.GraphDatabase.driver(
                address.uri,
                auth=(address.username, address.password),
                # Hints on query plans would clutter the user's terminal.
                notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
            )
        except (ConfigurationError, ValueError) as error:
            raise ConnectionFailedError(f"{_invalid_address(address.uri)} ({error})") from error
        connection = cls(driver, address.database, uri=address.uri, managed=managed, tracer=tracer)
        connection.address = address
        try:
            connection._check(address)
        except BaseException:
            driver.close()
            raise
        return connection

    def _check(self, address: Address) -> None:
        try:
            self.driver.verify_connectivity()
            self.driver.execute_query("RETURN 1", database_=self.database)
        except AuthError as error:
            raise CredentialsRefusedError(
                f"{address.uri} refuses the credentials of {address.username!r}. Check NEO4J_USERNAME and NEO4J_PASSWORD."
            ) from error
        except ClientError as error:
            raise ConnectionFailedError(
                f"Cannot use the database {self.database!r} at {address.uri} ({error.message}). Check NEO4J_DATABASE."
            ) from error
        except (ServiceUnavailable, DriverError, OSError) as error:
            raise UnreachableError(_unreachable(address.uri, error)) from error

    def _query(self, name: str, parameters: Mapping[str, Any]) -> queries.Query:
        query = queries.load(name)
        if self.tracer is not None:
            self.tracer(name, parameters)
        return query

    def run(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Run the query `package/name` in a managed transaction and return its records as dictionaries."""
        query = self._query(name, parameters)
        result = self.driver.execute_query(query.text, unlogged(parameters), database_=self.database)
        return [record.data() for record in result.records]

    def one(self, name: str, /, **parameters: Any) -> dict[str, Any]:
        """Run a query that returns exactly one record."""
        (record,) = self.run(name, **parameters)
        return record

    def stream(self, name: str, /, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        """Yield the records of a query one by one."""
        query = self._query(name, parameters)
        with self.driver.session(database=self.database) as session:
            for record in session.run(query.text, unlogged(parameters)):
                yield dict(record)

    def run_alone(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Run a query that manages its own transactions (`CALL { … } IN TRANSACTIONS`, schema commands)."""
        query = self._query(name, parameters)
        with self.driver.session(database=self.database) as session:
            return [record.data() for record in session.run(query.text, unlogged(parameters))]

    def work(
        self, name: str, /, **parameters: Any
    ) -> Callable[[neo4j.ManagedTransaction], list[dict[str, Any]]]:
        """A unit of work for `session.execute_write`, which retries it on transient errors."""
        query = self._query(name, parameters)

        def run(transaction: neo4j.ManagedTransaction) -> list[dict[str, Any]]:
            return [record.data() for record in transaction.run(query.text, unlogged(parameters))]

        return run

    @contextmanager
    def session(self) -> Iterator[neo4j.Session]:
        """A driver session on this database, for batches that need their own transactions."""
        with self.driver.session(database=self.database) as session:
            yield session

    @cached_property
    def gds(self) -> Any:
        """The GDS client on the same driver.

        Raises:
            GdsAbsentError: the server has no GDS.
            GdsTooOldError: the server's GDS is too old.
        """
        self.gds_version  # noqa: B018 - raises the project's errors before the client raises its own
        from kgrec_gds.database.gds_client import gds_client

        return gds_client(self.driver, self.database)

    @cached_property
    def gds_version(self) -> str:
        """Version of the server's GDS library; see `gds` for the errors."""
        try:
            version = str(self.one("server/gds_version")["version"])
        except ClientError as error:
            raise GdsAbsentError(
                "The server has no Graph Data Science library, which embeddings need. Put the GDS jar into its plugins/, "
                "or unset NEO4J_URI to use the managed server, which includes it."
            ) from error
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        if numbers < OLDEST_GDS:
            oldest = ".".join(map(str, OLDEST_GDS))
            raise GdsTooOldError(
                f"The server's GDS {version} is too old; expected {oldest} or newer. Update the plugin."
            )
        return version

    def close(self) -> None:
        """Close the driver, unless it belongs to the caller."""
        if self._owns_driver:
            self.driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _invalid_address(uri: str) -> str:
    return f"Invalid database address {uri!r} (NEO4J_URI); expected e.g. neo4j://host:7687."


def _unreachable(uri: str, error: Exception) -> str:
    scheme, _, place = uri.partition("://")
    plain, _, tls = scheme.partition("+")
    hint = f"a server with TLS needs {plain}+s://{place}"
    if tls:
        hint = f"a server without TLS needs {plain}://{place}"
        if tls == "s":
            hint += f", one with a certificate of its own {plain}+ssc://{place}"
    reason = " ".join(str(error).split())
    return f"Cannot reach {uri} ({reason}). Check that the server runs and that NEO4J_URI is its Bolt address; {hint}."
