"""Where Neo4j Browser is, and the queries, style and guide that we ship for it."""

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from kgrec_gds.database import queries
from kgrec_gds.database.connection import address_from_environment
from kgrec_gds.errors import InputError

_ROOM = "browser"
_HTTP_PORT = 7474
#: Databases behind TLS, such as Aura's, are reached from the Browser that Neo4j hosts.
_HOSTED = "https://browser.neo4j.io/"


@dataclass(frozen=True)
class ReadyQuery:
    """A query to run, or to keep among the favourites."""

    name: str
    purpose: str
    file: str


@dataclass(frozen=True)
class BrowserAddress:
    """Where to look at the graph."""

    address: str
    """To open; it names the database to connect to, never the password."""
    uri: str
    username: str
    password_file: str | None
    """Holds the password of the managed server; None for another one."""
    queries: list[ReadyQuery]
    style: str
    """File to drop on the Browser."""
    guide: str
    """Ten questions, each with its query."""
    opened: bool
    seconds: dict[str, float]


def ready_queries() -> list[ReadyQuery]:
    """The queries of `cypher/browser/`, in their order."""
    names = sorted(file.name for file in _folder().iterdir() if file.name.endswith(".cypher"))
    return [
        ReadyQuery(name, queries.load(f"{_ROOM}/{name}").purpose, str(_folder() / f"{name}.cypher"))
        for name in (file.removesuffix(".cypher") for file in names)
    ]


def find_query(wanted: str) -> queries.Query:
    """A ready query by its number or by a part of its name.

    Raises:
        InputError: none or several fit.
    """
    fitting = [query.name for query in ready_queries() if wanted.lower() in query.name.lower()]
    if len(fitting) != 1:
        known = ", ".join(query.name for query in ready_queries())
        raise InputError(
            f"--query should fit one query; {wanted!r} fits {len(fitting) or 'none'}. There are: {known}."
        )
    return queries.load(f"{_ROOM}/{fitting[0]}")


def browser_address(env_file: Path | None = None, query: str | None = None) -> BrowserAddress:
    """The Browser of the configured database; the managed server is started where it is meant.

    Args:
        env_file: with NEO4J_URI; else the environment counts.
        query: number or part of the name of the ready query that the editor is to hold.

    Raises:
        InputError: no such query, or an unreadable file.
        ServerError: the managed server could not be started.
    """
    text = find_query(query).text if query else None
    address = address_from_environment(env_file)
    if address is None:
        from kgrec_gds import server

        running = server.ensure_running()
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
    asked: dict[str, Any] = {
        "connectURL": urlunsplit((parts.scheme, f"{quote(username)}@{parts.netloc}", "", "", ""))
    }
    if text:
        asked |= {"cmd": "edit", "arg": text}
    return BrowserAddress(
        address=f"{page}?{urlencode(asked, quote_via=quote)}",
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
    return queries.folder() / _ROOM
