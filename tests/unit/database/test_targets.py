"""Errors of a connection that need no server; the others: tests/integration/test_client.py."""

from typing import Any

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import GdsTooOldError


class OldServer:
    """Answers every query like a server with an old GDS."""

    def execute_query(self, *_: Any, **__: Any) -> Any:
        record = type("Record", (), {"data": lambda _: {"version": "2.5.8"}})()
        return type("Result", (), {"records": [record]})()


def test_an_old_gds_is_refused_with_its_version() -> None:
    with pytest.raises(GdsTooOldError, match=r"2\.5\.8 is too old; expected 2\.13 or newer"):
        _ = Connection(OldServer()).gds  # type: ignore[arg-type]  # a stand-in for the driver
