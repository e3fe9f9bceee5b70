"""What a start refuses before anything is launched."""

from pathlib import Path

import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.server import lifecycle
from kgrec_gds.server import readiness as ready
from kgrec_gds.server.server_files import ServerFiles


@pytest.mark.parametrize("value", ["ten minutes", "0", "-1", "nan", "inf"])
def test_a_wrong_limit_of_seconds_is_refused_before_anything_is_launched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    def launched(*_: object) -> None:
        pytest.fail("a server was launched")

    monkeypatch.setenv(ready.SECONDS_VARIABLE, value)
    monkeypatch.setattr(lifecycle, "is_installed", lambda _: True)
    monkeypatch.setattr(lifecycle, "_launch", launched)
    with pytest.raises(InputError, match=rf"KGREC_START_SECONDS should be .*'{value}'"):
        lifecycle.start(ServerFiles(tmp_path))


@pytest.mark.parametrize(("value", "seconds"), [("", 600), ("2.5", 2.5)])
def test_the_limit_of_seconds(monkeypatch: pytest.MonkeyPatch, value: str, seconds: float) -> None:
    monkeypatch.setenv(ready.SECONDS_VARIABLE, value)
    assert ready.seconds_allowed() == seconds
