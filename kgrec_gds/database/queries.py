"""Queries by name, from `cypher/<room>/<name>.cypher`.

A query file opens with comment lines: one line saying what it is for, and, where it takes parameters, one line
`// params: first, second`. Loading refuses a file that is empty, has no such first line, or whose parameters
are not exactly the declared ones.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from kgrec_gds.errors import QueryFileError

_DECLARATION = re.compile(r"^//\s*params:\s*(.*)$")
_PARAMETER = re.compile(r"\$([A-Za-z_]\w*)")
_STRING_OR_COMMENT = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|//[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """One query: its name (`room/name`), what it is for, its text and the parameters it takes."""

    name: str
    purpose: str
    text: str
    parameters: frozenset[str]


def folder() -> Traversable:
    """The folder `cypher/`, wherever the package is installed."""
    return resources.files("kgrec_gds.cypher")


@cache
def load(name: str) -> Query:
    """Load the query `room/name`.

    Raises:
        QueryFileError: no such file, or its header does not describe it.
    """
    path = folder().joinpath(f"{name}.cypher")
    if not path.is_file():
        raise QueryFileError(f"There should be a query file cypher/{name}.cypher, but none is installed.")
    return parse(name, path.read_text(encoding="utf-8"))


def parse(name: str, source: str) -> Query:
    """Read the header and the text of one query file.

    Raises:
        QueryFileError: the file is empty, unnamed, or its parameters differ from its declaration.
    """
    header = [line.strip() for line in source.splitlines() if line.strip().startswith("//")]
    text = _without_comments(source).strip()
    if not text:
        raise QueryFileError(f"cypher/{name}.cypher:1: the file should hold a query, but holds none.")
    if not header or not source.lstrip().startswith("//") or _DECLARATION.match(header[0]):
        raise QueryFileError(
            f"cypher/{name}.cypher:1: the first line should say what the query is for, as a // comment."
        )
    declared = _declared(header)
    used = frozenset(_PARAMETER.findall(text))
    if declared != used:
        raise QueryFileError(
            f"cypher/{name}.cypher:1: '// params:' declares {sorted(declared)}, the query uses {sorted(used)}."
        )
    return Query(name, header[0].removeprefix("//").strip(), source, used)


def _declared(header: list[str]) -> frozenset[str]:
    for line in header:
        if match := _DECLARATION.match(line):
            return frozenset(word.strip().lstrip("$") for word in match.group(1).split(",") if word.strip())
    return frozenset()


def _without_comments(source: str) -> str:
    # Strings are blanked too: a `$` or `//` inside one is no parameter and no comment.
    return _STRING_OR_COMMENT.sub(lambda match: "''" if match.group()[0] in "'\"" else "", source)
