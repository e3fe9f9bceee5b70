"""What a notebook may hand over in place of an address: a driver, a GDS client, a py2neo graph."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import neo4j
from neo4j.exceptions import AuthError, ClientError, DriverError, ServiceUnavailable

from kgrec_gds.database import queries
from kgrec_gds.database.connection import Address, Connection, address_from_environment
from kgrec_gds.errors import ConnectionFailedError, CredentialsRefusedError, InputError, UnreachableError

if TYPE_CHECKING:
    import py2neo
    from graphdatascience import GraphDataScience

#: What stands for a database wherever the Python API asks for one; None is the configured one.
Target: TypeAlias = Union[Connection, neo4j.Driver, "GraphDataScience", "py2neo.Graph", str, None]


def connect(
    target: Target = None,
    *,
    username: str | None = None,
    password: str | None = None,
    database: str | None = None,
    env_file: str | Path | None = None,
) -> Connection:
    """A connection to a database, checked: it answers and takes the credentials.

    Use it in a `with` block or close it. What was handed in stays open: closing it is its owner's part.

    Args:
        target: a Bolt address (`neo4j://host:7687`), a `neo4j.Driver`, a `GraphDataScience`, a `Graph`, or a `py2neo.Graph`
            (py2neo is end-of-life: for notebooks that have one already). None: what `env_file` or `NEO4J_URI` and its
            siblings name, else the managed server, installed and started if need be.
        username: with an address; `neo4j` by default.
        password: with an address.
        database: by default `neo4j` at an address, and what the object itself is bound to where one is handed in.
        env_file: file of `NEO4J_URI`, `NEO4J_USERNAME`, ..., as Aura gives it; without a target.

    Raises:
        InputError: the target is none of these, or arguments contradict each other.
        ConnectionFailedError: its subclasses say why; also where the object handed in is closed.
        ServerError: the managed server could not be installed or started.
    """
    if env_file is not None and target is not None:
        raise InputError("connect takes a target or env_file, which names one; received both.")
    if (username is not None or password is not None) and not isinstance(target, str):
        raise InputError(
            "connect takes username and password with an address such as neo4j://host:7687; an object that is "
            "handed in brings its own, and without a target NEO4J_USERNAME and NEO4J_PASSWORD are read."
        )
    if target is None:
        return _configured(Path(env_file) if env_file is not None else None, database)
    if isinstance(target, str):
        return Connection.open(Address(target, username or "neo4j", password or "", database or "neo4j"))
    if isinstance(target, Connection):
        return _bound(target.driver, database or target.database, target)
    if isinstance(target, neo4j.Driver):
        return _bound(target, database, target)
    # A client that was handed in has been imported; without one, neither is loaded for this.
    if _is(target, "graphdatascience", "GraphDataScience"):
        return _bound(target.db_driver(), database or target.database(), target)
    if _is(target, "py2neo", "Graph"):
        return _like_py2neo(target, database)
    raise InputError(
        f"connect takes an address, a neo4j.Driver, a GraphDataScience or a py2neo.Graph (with the extra py2neo); received {_kind(target)}."
        f"{_hint(target)}"
    )


@contextmanager
def opened(target: Target) -> Iterator[Connection]:
    """The connection that a call works on: a `Graph` stays open behind it, any other is closed."""
    if isinstance(target, Connection):
        yield target
        return
    with connect(target) as graph:
        yield graph


def _configured(env_file: Path | None, database: str | None) -> Connection:
    address = address_from_environment(env_file)
    if address is None:
        from kgrec_gds import server

        address = server.ensure_running().address
    return Connection.open(replace(address, database=database) if database else address)


def _bound(driver: neo4j.Driver, database: str | None, handed: Any) -> Connection:
    """A connection on somebody else's driver."""
    graph = Connection(driver, _answering(driver, database, _kind(handed)), owns_driver=False)
    # A GDS client closes its driver when it is collected, so it has to live as long as we use that.
    graph.handed = handed
    return graph


def _like_py2neo(handed: Any, database: str | None) -> Connection:
    """A connection of our own to where a `py2neo.Graph` points: it has no driver to lend."""
    profile = handed.service.profile
    if profile.protocol != "bolt":
        raise ConnectionFailedError(
            f"A py2neo.Graph should speak Bolt to be handed over; this one is at {profile.uri}. "
            "Make one by py2neo.Graph('bolt://host:7687', auth=...)."
        )
    driver = neo4j.GraphDatabase.driver(
        profile.uri,
        auth=tuple(profile.auth),
        notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
    )
    try:
        return Connection(
            driver, _answering(driver, database or handed.name, f"py2neo.Graph at {profile.uri}")
        )
    except BaseException:
        driver.close()
        raise


def _answering(driver: neo4j.Driver, database: str | None, what: str) -> str:
    """Name of the database that answers: the one named, else the user's home database."""
    query = queries.load("client/answers")
    try:
        driver.verify_connectivity()  # at once, where a query would try again for half a minute
        found = driver.execute_query(query.text, database_=database).summary.database
    except AuthError as error:
        raise CredentialsRefusedError(
            f"The server refuses the credentials of the {what}. Make one with others."
        ) from error
    except ClientError as error:
        raise ConnectionFailedError(
            f"The server of the {what} should serve the database {database!r}, but does not ({error.message}). "
            "Name another by database=."
        ) from error
    except (ServiceUnavailable, OSError) as error:
        raise UnreachableError(f"Nobody answers the {what} ({error}). Is its server running?") from error
    except DriverError as error:
        raise ConnectionFailedError(
            f"The {what} should be open, but cannot be used ({error}). Make a new one and hand that over."
        ) from error
    return str(found)


def _is(target: Any, package: str, name: str) -> bool:
    kind = getattr(sys.modules.get(package), name, None)
    return isinstance(kind, type) and isinstance(target, kind)


def _kind(target: Any) -> str:
    kind = type(target)
    package = kind.__module__.split(".")[0]
    return kind.__name__ if package == "builtins" else f"{package}.{kind.__name__}"


def _hint(target: Any) -> str:
    kind = _kind(target)
    if isinstance(target, neo4j.AsyncDriver):
        return " Our calls are synchronous: make a neo4j.GraphDatabase.driver."
    if kind.startswith("py2neo.") and "py2neo" in sys.modules:
        return " Hand over its Graph."
    if kind.startswith("py2neo."):
        return " py2neo is not installed here: pip install 'kgrec-gds[py2neo]'."
    return ""
