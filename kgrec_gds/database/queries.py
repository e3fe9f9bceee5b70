"""Queries by name, from `cypher/<package>/<name>.cypher`.

A query file starts with comment lines: one line that says what the query is for and, if it takes parameters, one line
`// params: first, second`. Loading refuses a file that is empty, lacks the first line, or whose parameters differ from
those declared.
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
    """A query with its name (`package/name`), purpose, text and parameters."""

    name: str
    purpose: str
    text: str
    parameters: frozenset[str]


def folder() -> Traversable:
    """The installed folder `cypher/`."""
    return resources.files("kgrec_gds.cypher")


@cache
def load(name: str) -> Query:
    """Load the query `package/name`.

    Raises:
        QueryFileError: the file is missing, or its header does not describe it.
    """
    path = folder().joinpath(f"{name}.cypher")
    if not path.is_file():
        raise QueryFileError(f"Missing query file cypher/{name}.cypher; reinstall kgrec-gds.")
    return parse(name, path.read_text(encoding="utf-8"))


def parse(name: str, source: str) -> Query:
    """Read the header and the text of a query file.

    Raises:
        QueryFileError: the file is empty, lacks its purpose, or uses parameters other than those declared.
    """
    header = [line.strip() for line in source.splitlines() if line.strip().startswith("//")]
    text = _without_comments(source).strip()
    if not text:
        raise QueryFileError(f"Empty query file cypher/{name}.cypher:1; expected a query.")
    if not header or not source.lstrip().startswith("//") or _DECLARATION.match(header[0]):
        raise QueryFileError(
            f"Missing purpose in cypher/{name}.cypher:1; expected a // comment that says what the query is for."
        )
    declared = _declared(header)
    used = frozenset(_PARAMETER.findall(text))
    if declared != used:
        raise QueryFileError(
            f"Wrong '// params:' in cypher/{name}.cypher:1: it declares {sorted(declared)}, the query uses {sorted(used)}."
        )
    return Query(name, header[0].removeprefix("//").strip(), source, used)


def _declared(header: list[str]) -> frozenset[str]:
    for line in header:
        if match := _DECLARATION.match(line):
            return frozenset(word.strip().lstrip("$") for word in match.group(1).split(",") if word.strip())
    return frozenset()


def _without_comments(source: str) -> str:
    # Strings are blanked too: a `$` or `//` inside a string is neither parameter nor comment.
    return _STRING_OR_COMMENT.sub(lambda match: "''" if match.group()[0] in "'\"" else "", source)
