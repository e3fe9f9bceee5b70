"""The plugin's jar, and its arithmetic, checked by classes compiled beside it."""

import subprocess
from pathlib import Path

import pytest

from kgrec_gds.errors import ServerError
from kgrec_gds.server import ServerFiles, java, plugin

CHECKS = Path(__file__).parent / "java"


@pytest.fixture(scope="module")
def ecj(server):
    (compiler,) = ServerFiles().tools.glob("ecj-*.jar")
    return compiler


def test_gradients_are_those_of_the_loss(server, ecj, tmp_path):
    program = java.find().program
    jar = ServerFiles().plugins / "kgrec.jar"
    source = CHECKS / "kgrec" / "kge" / "GradientCheck.java"
    options = ["-source", "21", "-target", "21", "-nowarn"]
    compile_ = [program, "-jar", ecj, *options, "-cp", jar, "-d", tmp_path, source]
    subprocess.run(compile_, check=True, capture_output=True)
    checked = subprocess.run(
        [program, "-cp", f"{jar}:{tmp_path}", "kgrec.kge.GradientCheck"],
        check=True,
        capture_output=True,
        text=True,
    )
    cases = [line.split(" ") for line in checked.stdout.strip().splitlines()]
    assert len({case[0] for case in cases}) == 3 * 2 * 2 * 2
    for name, worst, largest, loss in cases:
        assert float(largest) > 0.1, name
        assert float(worst) < 1e-4 * float(largest), name
        assert float(loss) < 1e-5, name
    # Known answers among the negatives change the loss, so the filter did something.
    assert len({case[2] for case in cases}) == 3 * 2 * 2 * 2


def test_the_same_sources_make_the_same_bytes_and_are_compiled_once(server, tmp_path):
    first = plugin.build_into(tmp_path / "one")
    second = plugin.build_into(tmp_path / "two")
    assert first.read_bytes() == second.read_bytes()
    before = first.stat().st_mtime_ns
    assert plugin.build_into(tmp_path / "one").stat().st_mtime_ns == before


def test_says_what_does_not_compile(server, ecj, tmp_path):
    with pytest.raises(ServerError, match="should compile against the server's jars, but does not"):
        plugin.build(java.find().program, [], ecj, tmp_path / "kgrec.jar")
    assert not (tmp_path / "kgrec.jar").exists()
