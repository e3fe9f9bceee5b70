"""The plugin's jar, and its arithmetic, checked by classes compiled beside it."""

import subprocess
from pathlib import Path

import pytest

from kgrec_gds.errors import ServerError
from kgrec_gds.server import ServerFiles, blas, java
from kgrec_gds.server import plugin_build as plugin

CHECKS = Path(__file__).parent / "java"


@pytest.fixture(scope="module")
def ecj(server):
    (compiler,) = ServerFiles().tools.glob("ecj-*.jar")
    return compiler


@pytest.fixture
def checked(server, ecj, tmp_path):
    """Compiles a class of `java/` beside the plugin, runs it, and returns its lines, split."""

    def run(name, *arguments, products=None):
        program = java.find().program
        jar = ServerFiles().plugins / "kgrec.jar"
        source = CHECKS / "kgrec" / "kge" / f"{name}.java"
        options = ["-source", "21", "-target", "21", "-nowarn"]
        compile_ = [program, "-jar", ecj, *options, "-cp", jar, "-d", tmp_path, source]
        subprocess.run(compile_, check=True, capture_output=True)
        native = ["--enable-native-access=ALL-UNNAMED", f"-Dkgrec.blas={products}"] if products else []
        command = [program, *native, "-cp", f"{jar}:{tmp_path}", f"kgrec.kge.{name}", *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return [line.split(" ") for line in done.stdout.strip().splitlines()]

    return run


@pytest.fixture(params=["products", "loops"])
def products(request):
    """The library that multiplies, or None for Java's loops."""
    found = blas.library() if request.param == "products" else None
    if request.param == "products" and found is None:
        pytest.skip("numpy multiplies without OpenBLAS here")
    return found


def test_skipped_negatives_are_those_that_hardly_pull(checked, products):
    threshold = 0.01
    cases = checked("SkipCheck", str(threshold), products=products)
    assert len(cases) == 3 * 2 * 2
    for name, pairs, kept, same, left_out in cases:
        assert same == "true", name
        assert 0 < int(kept) <= int(pairs) <= 2 * 60, name
        # By its definition no more than 60 negatives times the threshold; in fact far less.
        assert float(left_out) < 0.3, name
    assert sum(int(case[2]) < int(case[1]) for case in cases) >= 6


def test_gradients_are_those_of_the_loss(checked, products):
    cases = checked("GradientCheck", products=products)
    assert len({case[0] for case in cases}) == 3 * 2 * 2 * 2
    for name, worst, largest, loss, by_products in cases:
        assert by_products == str(products is not None and not name.startswith("TRANSE_L1")).lower(), name
        assert float(largest) > 0.1, name
        assert float(worst) < 1e-4 * float(largest), name
        assert float(loss) < 1e-5, name
    # Known answers among the negatives change the loss, so the filter did something.
    assert len({case[2] for case in cases}) == 3 * 2 * 2 * 2


def test_a_library_that_cannot_be_loaded_leaves_the_loops(checked, tmp_path):
    no_library = tmp_path / "libnone.so"
    no_library.write_text("no library")
    for file in (no_library, tmp_path / "missing.so"):
        cases = checked("GradientCheck", products=file)
        assert {case[4] for case in cases} == {"false"}


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
