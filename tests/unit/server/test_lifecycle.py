"""Invalid settings are refused before anything is launched."""

from pathlib import Path

import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.server import lifecycle, readiness
from kgrec_gds.server.server_files import ServerFiles


@pytest.mark.parametrize("value", ["ten minutes", "0", "-1", "nan", "inf"])
def test_an_invalid_time_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    def launched(*_: object) -> None:
        pytest.fail("a server was launched")

    monkeypatch.setenv(readiness.SECONDS_VARIABLE, value)
    monkeypatch.setattr(lifecycle, "is_installed", lambda _: True)
    monkeypatch.setattr(lifecycle, "_launch", launched)
    with pytest.raises(InputError, match=rf"Invalid KGREC_START_SECONDS '{value}'"):
        lifecycle.start(ServerFiles(tmp_path))


@pytest.mark.parametrize(("value", "seconds"), [("", 600), ("2.5", 2.5)])
def test_the_time_limit_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str, seconds: float
) -> None:
    monkeypatch.setenv(readiness.SECONDS_VARIABLE, value)
    assert readiness.seconds_allowed() == seconds
