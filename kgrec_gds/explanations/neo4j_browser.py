"""The address of Neo4j Browser, and the queries, style and guide that come with the package."""

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
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
    found = []
    for file in sorted(file.name for file in _folder().iterdir() if file.name.endswith(".cypher")):
        name = file.removesuffix(".cypher")
        found.append(ReadyQuery(name, queries.load(f"{_FOLDER}/{name}").purpose, str(_folder() / file)))
    return found


def find_query(wanted: str) -> queries.Query:
    """Find a query by its number or a part of its name.

    Raises:
        InputError: no query matches, or several do.
    """
    names = [query.name for query in ready_queries()]
    matching = [name for name in names if wanted.lower() in name.lower()]
    if len(matching) != 1:
        many = len(matching) or "no"
        raise InputError(f"--query {wanted!r} matches {many} queries; expected one of {', '.join(names)}.")
    return queries.load(f"{_FOLDER}/{matching[0]}")


def browser_address(env_file: Path | None = None, query: str | None = None) -> BrowserAddress:
    """The Browser of the configured database, with a ready query in its editor. Without one, start the managed server.

    Raises:
        InputError: there is no such query, or the file cannot be read.
        ServerError: the managed server could not be started.
    """
    parameters = {"cmd": "edit", "arg": find_query(query).text} if query else {}
    address, password_file = address_from_environment(env_file), None
    if address is None:
        from kgrec_gds.server import lifecycle

        running = lifecycle.ensure_running()
        address, password_file = running.address, running.password_file
        page = f"{running.http}/browser/"
    elif "+s" in address.uri:
        page = _HOSTED
    else:
        page = f"http://{urlsplit(address.uri).hostname}:{_HTTP_PORT}/browser/"
    parts = urlsplit(address.uri)
    user_and_host = f"{quote(address.username)}@{parts.netloc}"
    parameters["connectURL"] = urlunsplit((parts.scheme, user_and_host, "", "", ""))
    return BrowserAddress(
        address=f"{page}?{urlencode(parameters, quote_via=quote)}",
        uri=address.uri,
        username=address.username,
        password_file=password_file,
        queries=ready_queries(),
        style=str(_folder() / "style.grass"),
        guide=str(_folder() / "guide.md"),
        opened=False,
        seconds={},
    )


def _folder() -> Traversable:
    return queries.folder() / _FOLDER
