"""The plugin's jar, and its arithmetic, checked by classes compiled against it."""

import subprocess
from pathlib import Path

import pytest

from kgrec_gds.errors import InputError, ServerError
from kgrec_gds.server import blas, java
from kgrec_gds.server import plugin_build as plugin
from kgrec_gds.server.jar_download import sha256
from kgrec_gds.server.server_files import ServerFiles
from kgrec_gds.workflows.plugin import build

CHECKS = Path(__file__).parent / "java"


@pytest.fixture(scope="module")
def ecj(server):
    return ServerFiles().compiler


@pytest.fixture
def checked(server, ecj, tmp_path):
    """Compile a class of `java/` against the plugin, run it, and return its output lines, split."""

    def run(name, *arguments, products=None):
        program = java.find().program
        jar = ServerFiles().plugins / "kgrec.jar"
        source = CHECKS / "kgrec" / "kge" / f"{name}.java"
        plugin.compile_java(program, [jar], ecj, [source], tmp_path)
        native = ["--enable-native-access=ALL-UNNAMED", f"-Dkgrec.blas={products}"] if products else []
        command = [program, *native, "-cp", f"{jar}:{tmp_path}", f"kgrec.kge.{name}", *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return [line.split(" ") for line in done.stdout.strip().splitlines()]

    return run


@pytest.fixture(params=["products", "loops"])
def products(request):
    """The library for products of matrices, or None for Java's loops."""
    found = blas.library() if request.param == "products" else None
    if request.param == "products" and found is None:
        pytest.skip("numpy does not use OpenBLAS here")
    return found


def test_skipping_leaves_out_only_small_gradients(checked, products):
    threshold = 0.01
    cases = checked("SkipCheck", str(threshold), products=products)
    assert len(cases) == 3 * 2 * 2
    for name, pairs, kept, same, left_out in cases:
        assert same == "true", name
        assert 0 < int(kept) <= int(pairs) <= 2 * 60, name
        # By definition at most 60 negatives times the threshold; in practice far less.
        assert float(left_out) < 0.3, name
    assert sum(int(case[2]) < int(case[1]) for case in cases) >= 6


def test_gradients_equal_finite_differences_of_the_loss(checked, products):
    cases = checked("GradientCheck", products=products)
    assert len({case[0] for case in cases}) == 3 * 2 * 2 * 2
    for name, worst, largest, loss, by_products in cases:
        assert by_products == str(products is not None and not name.startswith("TRANSE_L1")).lower(), name
        assert float(largest) > 0.1, name
        assert float(worst) < 1e-4 * float(largest), name
        assert float(loss) < 1e-5, name
    # Known triples among the negatives change the loss, so the filter has an effect.
    assert len({case[2] for case in cases}) == 3 * 2 * 2 * 2


def test_loops_are_used_if_the_library_cannot_be_loaded(checked, tmp_path):
    no_library = tmp_path / "libnone.so"
    no_library.write_text("no library")
    for file in (no_library, tmp_path / "missing.so"):
        cases = checked("GradientCheck", products=file)
        assert {case[4] for case in cases} == {"false"}


def test_builds_are_reproducible_and_cached(server, tmp_path):
    first = build(tmp_path / "one").jar
    second = build(tmp_path / "two").jar
    assert first.read_bytes() == second.read_bytes()
    assert [path.name for path in first.parent.iterdir() if path != first] == ["onnxruntime-1.29.0.jar"]
    before = first.stat().st_mtime_ns
    assert build(tmp_path / "one").jar.stat().st_mtime_ns == before


def test_gds_is_put_beside_it_as_the_managed_server_has_it(server, tmp_path):
    old = tmp_path / "proc-2.20.0.jar"
    old.touch()
    result = build(tmp_path, with_gds=True)
    managed = {path.name: sha256(path) for path in ServerFiles().plugins.glob("*.jar")}
    assert {path.name: sha256(path) for path in tmp_path.iterdir()} == managed
    assert result.gds_jars == len(managed) - 2
    assert not old.exists()


def test_a_folder_with_another_gds_is_refused(tmp_path):
    (tmp_path / "neo4j-graph-data-science-2.26.0.jar").touch()
    with pytest.raises(InputError, match="is a GDS already"):
        build(tmp_path, with_gds=True)
    assert len(list(tmp_path.iterdir())) == 1


def test_compile_errors_are_reported(server, ecj, tmp_path):
    with pytest.raises(ServerError, match="does not compile against the server's jars"):
        plugin.build(java.find().program, [], ecj, tmp_path / "kgrec.jar")
    assert not (tmp_path / "kgrec.jar").exists()
