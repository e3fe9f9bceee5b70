"""The plugin's sources ship with the package, and a failed build is one error."""

from importlib import resources
from pathlib import Path

import pytest

from kgrec_gds.errors import ServerError
from kgrec_gds.server import plugin_build


def test_the_sources_ship_with_the_package():
    sources = list(Path(str(resources.files("kgrec_gds.plugin"))).rglob("*.java"))
    assert {"Procedures.java", "Trainer.java", "Ranking.java"} <= {path.name for path in sources}


def test_a_java_that_cannot_run_is_named(tmp_path):
    ecj = tmp_path / "ecj.jar"
    ecj.touch()
    with pytest.raises(ServerError, match="no-such-java"):
        plugin_build.build(tmp_path / "no-such-java", [], ecj, tmp_path / "kgrec.jar")
    assert not (tmp_path / "kgrec.jar").exists()
