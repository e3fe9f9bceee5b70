from importlib import resources

import pytest

from kgrec_gds.errors import ServerError
from kgrec_gds.server import lockfile
from kgrec_gds.server.lockfile import Jar

SHA256 = "0" * 64


def test_a_coordinate_is_a_path_in_a_maven_repository() -> None:
    plain = Jar("lib", "org.neo4j:neo4j:jar:2026.09.0", SHA256, 1)
    native = Jar("lib", "io.netty:netty-x:jar:linux-x86_64:4.2.18.Final", SHA256, 1)
    assert str(plain.path) == "org/neo4j/neo4j/2026.09.0/neo4j-2026.09.0.jar"
    assert str(native.path) == "io/netty/netty-x/4.2.18.Final/netty-x-4.2.18.Final-linux-x86_64.jar"
    assert native.version == "4.2.18.Final"


def test_a_written_lock_file_reads_the_same() -> None:
    jars = [Jar("plugins", "g:b:jar:1", SHA256, 7), Jar("lib", "g:a:jar:2", "f" * 64, 9)]
    assert lockfile.read(lockfile.write(jars)) == sorted(jars)


@pytest.mark.parametrize(
    "line", ["lib g:a:jar:1 abc 7", "elsewhere g:a:jar:1 " + SHA256 + " 7", "lib g:a:jar:1", "x"]
)
def test_an_invalid_line_is_named_by_its_number(line: str) -> None:
    with pytest.raises(ServerError, match=r"jars\.lock:2"):
        lockfile.read(f"# comment\n{line}\n")


def test_the_shipped_lock_file_is_sorted_and_has_no_address() -> None:
    text = resources.files("kgrec_gds.server").joinpath("jars.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert text == lockfile.write(lockfile.read(text)), "sorted, as make_lock writes it"


def test_the_shipped_lock_file_has_all_parts_of_a_server() -> None:
    jars = lockfile.read()
    projects = {jar.coordinate.rsplit(":jar:", 1)[0]: jar.folder for jar in jars}
    assert projects["org.neo4j:neo4j"] == "lib"
    assert projects["org.neo4j.app:neo4j-server"] == "lib"
    assert projects["org.neo4j.client:neo4j-browser"] == "lib"
    assert projects["org.eclipse.jdt:ecj"] == "tools"
    for name in ("proc", "open-licensing", "open-model-catalog", "opengds-extension"):
        assert projects[f"org.neo4j.gds:{name}"] == "plugins"
    names = [(jar.folder, jar.path.name) for jar in jars]
    assert len(set(names)) == len(names), "two jars of one name would overwrite each other"
