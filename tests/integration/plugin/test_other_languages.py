"""The snippets of `docs/how-to/ask-from-any-language.md`, compiled and run with each language's own driver."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.server import java, plugin_build
from kgrec_gds.server.server_files import ServerFiles
from kgrec_gds.server.server_state import RunningServer

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "how-to" / "ask-from-any-language.md"
#: The guide's user has rated the first; the second is liked together with it, the third is popular.
LOAD = """
CREATE (a:Movie {tconst: 'tt1', title: 'Alien', popularity: 1.0, ratingCount: 1, peopleNorm: 0.0})
CREATE (b:Movie {tconst: 'tt2', title: 'Amélie', popularity: 0.0, ratingCount: 0, peopleNorm: 0.0})
CREATE (c:Movie {tconst: 'tt3', title: 'Brazil', popularity: 2.0, ratingCount: 1, peopleNorm: 0.0})
CREATE (a)-[:LIKED_TOGETHER {weight: 0.9}]->(b)
CREATE (:User {userId: '1'})-[:RATED {rating: 9.0, ratedAt: 1}]->(a)
CREATE (:ModelRun {id: 'a-model', created: datetime(), rankingLikedTogether: 4.0, rankingPeople: 1.0,
  rankingPopularity: 1.0, popularityHalfLife: 86400.0, popularityAt: 1000, rankingDigest: 'a-model'})
"""
CLEAR = "MATCH (n:Movie|User|ModelRun) DETACH DELETE n"
NpmCi = Callable[[Path], subprocess.CompletedProcess[str]]
EXPECTED = ["Amélie", "Brazil"]

JAVA = """
import java.util.Map;
import org.neo4j.driver.AuthTokens;
import org.neo4j.driver.GraphDatabase;

public class Snippet {
    public static void main(String[] arguments) {
        String uri = System.getenv("URI"), username = System.getenv("USERNAME"), password = System.getenv("PASSWORD");
        %s
    }
}
"""
GO = """
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

func run(ctx context.Context, uri, username, password string) error {
	%s
	if err != nil {
		return err
	}
	for _, record := range result.Records {
		title, _ := record.Get("title")
		fmt.Println(title)
	}
	return nil
}

func main() {
	err := run(context.Background(), os.Getenv("URI"), os.Getenv("USERNAME"), os.Getenv("PASSWORD"))
	if err != nil {
		panic(err)
	}
}
"""


@pytest.fixture(scope="module", autouse=True)
def films(server: RunningServer) -> Iterator[None]:
    with Connection.open(server.address) as graph:
        graph.driver.execute_query(CLEAR)
        graph.driver.execute_query(LOAD)
        yield
        graph.driver.execute_query(CLEAR)


@pytest.fixture
def environment(server: RunningServer) -> dict[str, str]:
    """Where the snippets find the server; a password is no argument of a process."""
    address = server.address
    there = {"URI": address.uri, "USERNAME": address.username, "PASSWORD": address.password}
    return {**os.environ, "LC_ALL": "C.UTF-8", **there}


def snippet(language: str) -> str:
    """The guide's only block of code in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} on this machine")
    return found


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_java(home: Path, environment: dict[str, str], tmp_path: Path) -> None:
    files, runtime = ServerFiles(home / "server"), java.find().program
    source, jars = tmp_path / "Snippet.java", files.lib.glob("*.jar")  # the server brings the driver along
    source.write_text(JAVA % snippet("java"), "utf-8")
    plugin_build.compile_java(runtime, list(jars), files.compiler, [source], tmp_path)
    classpath = os.pathsep.join([".", str(files.lib / "*")])
    printed = run([str(runtime), "-cp", classpath, "Snippet"], tmp_path, environment)
    assert [line for line in printed.splitlines() if line in EXPECTED] == EXPECTED


def test_javascript(environment: dict[str, str], tmp_path: Path, npm_ci: NpmCi) -> None:
    node = program("node")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "docs" / "example-page" / name, tmp_path)
    installed = npm_ci(tmp_path)
    assert installed.returncode == 0, installed.stderr
    text = snippet("js")
    names = "const { URI: uri, USERNAME: username, PASSWORD: password } = process.env;\n"
    (tmp_path / "snippet.mjs").write_text(names + text + "await driver.close();\n", "utf-8")
    printed = run([node, "snippet.mjs"], tmp_path, environment)
    assert [title for title in EXPECTED if title in printed] == EXPECTED
    assert printed.index(EXPECTED[0]) < printed.index(EXPECTED[1])


def test_go(environment: dict[str, str], tmp_path: Path) -> None:
    go = program("go")
    for name in ("go.mod", "go.sum"):
        shutil.copy(Path(__file__).with_name("go") / name, tmp_path)
    (tmp_path / "main.go").write_text(GO % snippet("go"), "utf-8")
    printed = run([go, "run", "-mod=mod", "."], tmp_path, environment)
    assert printed.split("\n") == [*EXPECTED, ""]
