"""The address of Neo4j Browser, and the queries, style and guide that come with the package."""

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from kgrec_gds.database import queries
from kgrec_gds.database.connection import address_from_environment
from kgrec_gds.errors import InputError

_FOLDER = "browser"
_HTTP_PORT = 7474
#: For databases behind TLS, such as Aura's: the Browser that Neo4j hosts.
_HOSTED = "https://browser.neo4j.io/"


@dataclass(frozen=True)
class ReadyQuery:
    """A query to run or to keep as a favourite."""

    name: str
    purpose: str
    file: str


@dataclass(frozen=True)
class BrowserAddress:
    """Where to look at the graph, and with what."""

    address: str
    """URL to open; it names the database and the user, never the password."""
    uri: str
    username: str
    password_file: str | None
    """File with the password of the managed server; None for another server."""
    queries: list[ReadyQuery]
    style: str
    """File to drop onto the Browser."""
    guide: str
    """File with ten questions and their queries."""
    opened: bool
    seconds: dict[str, float]


def ready_queries() -> list[ReadyQuery]:
    """The queries of `cypher/browser/`, in order."""
    names = sorted(file.name for file in _folder().iterdir() if file.name.endswith(".cypher"))
    return [
        ReadyQuery(name, queries.load(f"{_FOLDER}/{name}").purpose, str(_folder() / f"{name}.cypher"))
        for name in (file.removesuffix(".cypher") for file in names)
    ]


def find_query(wanted: str) -> queries.Query:
    """Find a query by its number or a part of its name.

    Raises:
        InputError: no query matches, or several do.
    """
    matching = [query.name for query in ready_queries() if wanted.lower() in query.name.lower()]
    if len(matching) != 1:
        known = ", ".join(query.name for query in ready_queries())
        raise InputError(
            f"--query {wanted!r} matches {len(matching) or 'no'} queries; expected one of {known}."
        )
    return queries.load(f"{_FOLDER}/{matching[0]}")


def browser_address(env_file: Path | None = None, query: str | None = None) -> BrowserAddress:
    """The Browser of the configured database, with a ready query in its editor. Without one, start the managed server.

    Raises:
        InputError: there is no such query, or the file cannot be read.
        ServerError: the managed server could not be started.
    """
    text = find_query(query).text if query else None
    address = address_from_environment(env_file)
    if address is None:
        from kgrec_gds.server import lifecycle

        running = lifecycle.ensure_running()
        return _described(
            f"{running.http}/browser/", running.uri, running.username, running.password_file, text
        )
    host = urlsplit(address.uri).hostname
    page = _HOSTED if "+s" in address.uri else f"http://{host}:{_HTTP_PORT}/browser/"
    return _described(page, address.uri, address.username, None, text)


def _described(
    page: str, uri: str, username: str, password_file: str | None, text: str | None
) -> BrowserAddress:
    parts = urlsplit(uri)
    parameters: dict[str, Any] = {
        "connectURL": urlunsplit((parts.scheme, f"{quote(username)}@{parts.netloc}", "", "", ""))
    }
    if text:
        parameters |= {"cmd": "edit", "arg": text}
    return BrowserAddress(
        address=f"{page}?{urlencode(parameters, quote_via=quote)}",
        uri=uri,
        username=username,
        password_file=password_file,
        queries=ready_queries(),
        style=str(_folder() / "style.grass"),
        guide=str(_folder() / "guide.md"),
        opened=False,
        seconds={},
    )


def _folder() -> Traversable:
    return queries.folder() / _FOLDER
