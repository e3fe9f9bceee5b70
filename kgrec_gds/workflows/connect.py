"""Connect to a database: the one given, the configured one, or the managed server."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kgrec_gds.database.connection import Connection, Tracer, address_from_environment, unlogged
from kgrec_gds.database.targets import Target, connection_to
from kgrec_gds.errors import InputError, UnreachableError
from kgrec_gds.progress import logger


def connect(
    target: Target | None = None,
    *,
    username: str | None = None,
    password: str | None = None,
    database: str | None = None,
    env_file: str | Path | None = None,
    tracer: Tracer | None = None,
) -> Connection:
    """A checked connection: the server answers and accepts the credentials.

    Args:
        target: a Bolt address, a `neo4j.Driver`, a `GraphDataScience`, a `py2neo.Graph` or a `Connection`; by default the
            database that `env_file` or the `NEO4J_*` variables name, else the managed server, which is installed and
            started if necessary.
        username: with an address; `neo4j` by default.
        password: with an address.
        database: name of the database, by default the target's own.
        env_file: file with `NEO4J_URI`, `NEO4J_USERNAME`, …, in the format of Aura's credential file.
        tracer: called with the name and parameters of each query; by default they are logged at level DEBUG.

    Raises:
        InputError: unsupported target, or contradictory arguments.
        ConnectionFailedError: its subclasses say why.
        ServerError: the managed server could not be installed or started.
    """
    if tracer is None and logger.isEnabledFor(logging.DEBUG):
        tracer = _log_query
    if target is not None:
        if env_file is not None:
            raise InputError("Received both a target and env_file; pass one of them.")
        return connection_to(target, username=username, password=password, database=database, tracer=tracer)
    if username is not None or password is not None:
        raise InputError(
            "username and password need an address as target; without one, set NEO4J_USERNAME and NEO4J_PASSWORD."
        )
    address = address_from_environment(Path(env_file) if env_file is not None else None)
    managed = address is None
    if address is None:
        from kgrec_gds.server import lifecycle

        address = lifecycle.ensure_running().address
    if database is not None:
        address = replace(address, database=database)
    return Connection.open(address, managed=managed, tracer=tracer)


def connect_if_running(env_file: Path | None = None) -> Connection | None:
    """As `connect`, but None where no server answers; the managed server is not started for it."""
    if address_from_environment(env_file) is None:
        from kgrec_gds.server import lifecycle

        if lifecycle.status().state != "running":
            return None
    try:
        return connect(env_file=env_file)
    except UnreachableError:
        return None


def _log_query(name: str, parameters: Mapping[str, Any]) -> None:
    logger.debug("Query %s %s", name, unlogged(parameters))
