"""Connections to what a notebook already has: an address, a driver, a GDS client, a py2neo graph."""

import sys
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import neo4j
from neo4j.exceptions import AuthError, ClientError, DriverError, ServiceUnavailable

from kgrec_gds.database import queries
from kgrec_gds.database.connection import Address, Connection, Tracer
from kgrec_gds.errors import ConnectionFailedError, CredentialsRefusedError, InputError, UnreachableError

if TYPE_CHECKING:
    import py2neo
    from graphdatascience import GraphDataScience

#: Objects that lead to a database.
Target: TypeAlias = Union[Connection, neo4j.Driver, "GraphDataScience", "py2neo.Graph", str]


def connection_to(
    target: Target,
    *,
    username: str | None = None,
    password: str | None = None,
    database: str | None = None,
    tracer: Tracer | None = None,
) -> Connection:
    """A checked connection; an object that is passed in stays open when the connection closes.

    Args:
        target: a Bolt address (`neo4j://host:7687`), a `neo4j.Driver`, a `GraphDataScience`, a `Connection`, or a
            `py2neo.Graph` (py2neo is end-of-life: for existing notebooks only).
        username: with an address; `neo4j` by default.
        password: with an address.
        database: by default `neo4j` at an address, else the database that the object is bound to.
        tracer: called before each query run by name.

    Raises:
        InputError: unsupported target, or credentials with an object that has its own.
        ConnectionFailedError: its subclasses say why; also if the object is closed.
    """
    if isinstance(target, str):
        address = Address(target, username or "neo4j", password or "", database or "neo4j")
        return Connection.open(address, tracer=tracer)
    if username is not None or password is not None:
        raise InputError(
            f"username and password go with an address such as neo4j://host:7687; {_kind(target)} has its own."
        )
    if isinstance(target, Connection):
        return _on_driver(target.driver, database or target.database, target, tracer, managed=target.managed)
    if isinstance(target, neo4j.Driver):
        return _on_driver(target, database, target, tracer)
    # If the caller has a client, its package is imported already; otherwise it need not be.
    if _is(target, "graphdatascience", "GraphDataScience"):
        return _on_driver(target.db_driver(), database or target.database(), target, tracer)
    if _is(target, "py2neo", "Graph"):
        return _like_py2neo(target, database, tracer)
    raise InputError(
        f"Cannot connect to {_kind(target)}; expected an address, a neo4j.Driver, a GraphDataScience or a py2neo.Graph."
        f"{_hint(target)}"
    )


def _on_driver(
    driver: neo4j.Driver, database: str | None, target: Any, tracer: Tracer | None, *, managed: bool = False
) -> Connection:
    name, uri = _answer(driver, database, _kind(target))
    # A GDS client closes its driver when it is garbage collected, so the connection keeps it.
    return Connection(driver, name, uri=uri, owns_driver=False, managed=managed, keep=target, tracer=tracer)


def _like_py2neo(graph: Any, database: str | None, tracer: Tracer | None) -> Connection:
    """A new driver with the profile of a `py2neo.Graph`, which has no driver of its own."""
    profile = graph.service.profile
    if profile.protocol != "bolt":
        raise ConnectionFailedError(
            f"Unsupported py2neo.Graph at {profile.uri}; expected one that speaks Bolt: "
            "py2neo.Graph('bolt://host:7687', auth=...)."
        )
    driver = neo4j.GraphDatabase.driver(
        profile.uri,
        auth=tuple(profile.auth),
        notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
    )
    try:
        name, _ = _answer(driver, database or graph.name, f"py2neo.Graph at {profile.uri}")
    except BaseException:
        driver.close()
        raise
    return Connection(driver, name, uri=profile.uri, tracer=tracer)


def _answer(driver: neo4j.Driver, database: str | None, target: str) -> tuple[str, str]:
    """Name of the database that answers, by default the user's home database, and the server's address."""
    query = queries.load("client/answers")
    try:
        driver.verify_connectivity()  # fails at once, whereas a query retries for half a minute
        summary = driver.execute_query(query.text, database_=database).summary
    except AuthError as error:
        raise CredentialsRefusedError(
            f"The server refuses the credentials of the {target}. Create one with other credentials."
        ) from error
    except ClientError as error:
        raise ConnectionFailedError(
            f"Cannot use the database {database!r} through the {target} ({error.message}). Pass another as database=."
        ) from error
    except (ServiceUnavailable, OSError) as error:
        raise UnreachableError(
            f"Cannot reach the server of the {target} ({error}). Check that it runs."
        ) from error
    except DriverError as error:
        raise ConnectionFailedError(f"Cannot use the {target} ({error}). Pass an open one.") from error
    host, port = summary.server.address[:2]
    return str(summary.database), f"bolt://{host}:{port}"


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
        return " Asynchronous drivers are not supported: use neo4j.GraphDatabase.driver."
    if kind.startswith("py2neo.") and "py2neo" in sys.modules:
        return " Pass its Graph."
    if kind.startswith("py2neo."):
        return " py2neo is not installed: pip install 'kgrec-gds[py2neo]'."
    return ""
