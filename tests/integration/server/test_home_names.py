"""A home whose name has another alphabet, a space and a colon: install, start, import, in the locale C."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.server import lifecycle
from kgrec_gds.server.server_files import ServerFiles
from kgrec_gds.synthetic import SyntheticDataSettings, generate
from kgrec_gds.workflows.import_ import import_


@pytest.fixture
def strange_home(home: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "josé Ž a:b"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KGREC_HOME", str(folder))
        patch.setenv("LC_ALL", "C")
        yield folder
        lifecycle.stop(ServerFiles(folder / "server"))


def test_a_home_of_any_alphabet_holds_all_that_the_server_writes(strange_home: Path, tmp_path: Path) -> None:
    generate(tmp_path / "raw", SyntheticDataSettings(users=20, movies=40, ratings_per_user=8))
    import_(imdb=tmp_path / "raw", yes=True)
    running = lifecycle.ensure_running()
    with Connection.open(running.address) as connection:
        assert connection.gds_version == running.versions.gds
    files = ServerFiles()
    assert files.plugin_jar.is_file(), "the plugin compiles too"
    assert (Path(running.data) / "databases" / "neo4j").is_dir()
    assert {path.name for path in tmp_path.iterdir()} == {strange_home.name, "raw"}, "nothing lies elsewhere"
