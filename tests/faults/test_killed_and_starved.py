"""Faults of process, disk, memory and server at seeded points; afterwards the graph is that of one whole run.

Part of `make faults`, in a process of its own: it forks, which is safe only where no other test has left threads, and takes
longer than all other tests together. `KGREC_FAULT_POINTS` is the number of points of each command and fault. With
`KGREC_FAULT_HOME`, a home that an earlier run filled is used again and left running, so that parts can be run alone (`-k`).
"""

import gzip
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrec_gds.loading import replace_database
from kgrec_gds.server import process
from kgrec_gds.synthetic import SyntheticDataSettings, generate
from tests.faults.machine import Child, Machine, State

POINTS = int(os.environ.get("KGREC_FAULT_POINTS", "0"))
SEED = int(os.environ.get("KGREC_FAULT_SEED", "0"))
GIGABYTE = 2**30

EMBED = ("embed", "--method", "fastrp", "--dimension", "8", "--stable", "--concurrency", "1")
PREDICT = ("predict", "--users", "all")
TRAIN = ("train", "--model", "baseline_causal")
#: What is undone before a command is interrupted, so that it has its whole work to do.
UNDO = {
    "embed": ("MATCH (n) REMOVE n.fastRP", "MATCH (run:EmbeddingRun) DELETE run"),
    "predict": ("MATCH ()-[p:PREDICTED_RATING]->() DELETE p",),
    "train": ("MATCH ()-[w:LIKED_TOGETHER]->() DELETE w", "MATCH (n) REMOVE n.popularity, n.idf"),
    "update": ("MATCH (user:User) WHERE user.userId STARTS WITH 'new-' DETACH DELETE user",),
}

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not POINTS, reason="the fault campaign is make faults (KGREC_FAULT_POINTS)"),
]


@pytest.fixture(scope="module")
def counted() -> Iterator[Counter[str]]:
    found: Counter[str] = Counter()
    yield found
    figures = "".join(f"\n  {number:4} {name}" for name, number in sorted(found.items()))
    sys.stderr.write(f"\nfault campaign, seed {SEED}, {POINTS} points:{figures}\n")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("data")
    for name, seed in (("a", 1), ("b", 2)):
        generate(folder / name, SyntheticDataSettings(seed=seed, users=40, movies=60, ratings_per_user=15))
    update = folder / "update"
    update.mkdir()
    movies = sorted(movies_of(folder / "a"))[:8]
    rows = [
        f"new-{user},{movie},{1 + user % 10},{1_600_000_000 + user}"
        for user in range(300)
        for movie in movies
    ]
    (update / "user_rating.csv").write_text("\n".join(["user_id,tconst,rating,date", *rows]) + "\n")
    return {name: folder / name for name in ("a", "b", "update")}


def movies_of(folder: Path) -> set[str]:
    with gzip.open(folder / "title.basics.tsv.gz", "rt") as file:
        return {line.split("\t")[0] for line in file if "\tmovie\t" in line}


def replacing(folder: Path) -> tuple[object, ...]:
    return ("import", "--imdb", folder, "--csv-dir", folder.parent / "csv", "--yes")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Path]) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("faults")
    kept = os.environ.get("KGREC_FAULT_HOME")
    machine = Machine(Path(kept) if kept else folder / "home", folder / "work")
    try:
        if not machine.files.record.exists():
            machine.whole(*replacing(data["a"]))
        yield machine
    finally:
        if not kept:
            machine.stop()


@pytest.fixture(scope="module")
def trained(machine: Machine) -> Machine:
    machine.whole(*TRAIN)
    return machine


def points(name: str, seconds: float) -> list[float]:
    """Seeded moments of a command that takes about as long, one in each part of it."""
    rng = random.Random(f"{SEED} {name}")
    return [seconds * (part + rng.random()) / POINTS for part in range(POINTS)]


def command(name: str, data: dict[str, Path]) -> tuple[object, ...]:
    update = ("import", "--update", data["update"], "--csv-dir", data["update"].parent / "csv")
    return {"embed": EMBED, "predict": PREDICT, "train": TRAIN, "update": update}[name]


def again(machine: Machine, name: str, data: dict[str, Path]) -> None:
    """Run the command again, as its user would."""
    if name == "train":
        outcome = machine.run("train", "--resume")
        if outcome.code == 0:
            return
        assert outcome.clear, outcome.error  # nothing to resume, or only a run on other data
    machine.whole(*command(name, data))


def start(machine: Machine, name: str, data: dict[str, Path], *, connected: bool = False) -> Child:
    """Start a command on a graph without its results; with `connected`, wait until it has connected to the server."""
    machine.ask(*UNDO[name])
    child = machine.start(*command(name, data))
    if connected:
        child.connected(machine.bolt_port())
    return child


def start_and_kill_server(machine: Machine, name: str, data: dict[str, Path], moment: float) -> Child:
    """Kill the server seconds after a command has connected; before that, the command just starts it again."""
    child = start(machine, name, data, connected=True)
    time.sleep(moment)
    server = machine.server()
    assert server is not None
    server.kill()
    return child


def whole_run(
    machine: Machine, name: str, data: dict[str, Path], *, connected: bool = False
) -> tuple[float, State]:
    """Seconds of a whole run, from its start or connection, on a server that has run it before, and the graph it leaves."""
    seconds = []
    for _ in range(2):
        child = start(machine, name, data, connected=connected)
        began = time.monotonic()
        outcome = child.wait()
        assert outcome.code == 0, outcome.error
        seconds.append(time.monotonic() - began)
    return min(seconds), machine.fingerprint()


@pytest.mark.parametrize("name", ["update", "embed", "train", "predict"])
def test_a_killed_command_run_again_ends_as_one_whole(
    trained: Machine, data: dict[str, Path], counted: Counter[str], name: str
) -> None:
    seconds, whole = whole_run(trained, name, data)
    for moment in points(f"kill {name}", seconds):
        child = start(trained, name, data)
        time.sleep(moment)
        child.kill()
        killed = child.wait().code == -signal.SIGKILL
        again(trained, name, data)
        found = trained.fingerprint()
        assert found == whole, f"{name} killed after {moment:.2f} s:\n{found.beside(whole)}"
        counted[f"{name}: tool killed" if killed else f"{name}: had ended before the kill"] += 1


@pytest.mark.parametrize("name", ["update", "embed", "train", "predict"])
def test_a_command_whose_server_is_killed_says_so_and_ends_as_one_whole_when_run_again(
    trained: Machine, data: dict[str, Path], counted: Counter[str], name: str
) -> None:
    seconds, whole = whole_run(trained, name, data, connected=True)
    for moment in points(f"server {name}", seconds):
        child = start_and_kill_server(trained, name, data, moment)
        outcome = child.wait()
        assert outcome.clear, outcome.error
        again(trained, name, data)
        found = trained.fingerprint()
        assert found == whole, f"server killed after {moment:.2f} s of {name}:\n{found.beside(whole)}"
        counted[f"{name}: server killed, " + ("one sentence" if outcome.code else "had ended")] += 1


@pytest.mark.parametrize("name", ["update", "predict"])
def test_a_server_that_comes_back_while_the_driver_retries(
    trained: Machine, data: dict[str, Path], counted: Counter[str], name: str
) -> None:
    seconds, whole = whole_run(trained, name, data, connected=True)
    for moment in points(f"retry {name}", seconds)[: max(POINTS // 4, 1)]:
        child = start_and_kill_server(trained, name, data, moment)
        trained.whole("server", "start")
        outcome = child.wait()
        assert outcome.clear, outcome.error
        if outcome.code:
            again(trained, name, data)
        assert trained.fingerprint() == whole
        counted[
            f"{name}: server back during retries, " + ("one sentence" if outcome.code else "succeeded")
        ] += 1


@pytest.mark.parametrize("victim", ["tool", "admin tool or second server"])
def test_a_killed_import_leaves_the_old_database_or_the_new_one(
    machine: Machine, data: dict[str, Path], counted: Counter[str], victim: str
) -> None:
    prints = {}
    for name in ("b", "a"):
        seconds = machine.whole(*replacing(data[name]))
        prints[name] = machine.fingerprint()
    now = "a"
    for moment in points(f"import {victim}", seconds):
        target = "b" if now == "a" else "a"
        child = machine.start(*replacing(data[target]))
        time.sleep(moment)
        if victim == "tool":
            child.kill()
        else:
            for found in wait_for_helpers(machine, child):
                found.kill()
        outcome = child.wait()
        assert victim == "tool" or outcome.clear, outcome.error
        state = machine.fingerprint()
        assert state in (prints[now], prints[target]), f"{victim} killed after {moment:.2f} s"
        machine.whole(*replacing(data[target]))
        assert machine.fingerprint() == prints[target]
        assert machine.helpers() == []
        assert len(list((machine.home / "server" / "data").glob("*/"))) == 1
        counted[f"import: {victim} killed, {'new' if state == prints[target] else 'old'} database"] += 1
        now = target
    if now != "a":
        machine.whole(*replacing(data["a"]))


def wait_for_helpers(machine: Machine, child: object) -> list:
    deadline = time.monotonic() + 20
    while not (found := machine.helpers()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_two_commands_at_once_end_as_one_after_the_other(
    trained: Machine, data: dict[str, Path], counted: Counter[str]
) -> None:
    for names in (("predict", "predict"), ("embed", "embed"), ("update", "update"), ("update", "embed")):
        for name in dict.fromkeys(names):
            whole = whole_run(trained, name, data)[1]
        for delay in points(" ".join(names), 1.0)[: max(POINTS // 4, 1)]:
            for name in names:
                trained.ask(*UNDO[name])
            first = trained.start(*command(names[0], data))
            time.sleep(delay)
            second = trained.start(*command(names[1], data))
            outcomes = [first.wait(), second.wait()]
            assert all(outcome.clear for outcome in outcomes), outcomes
            for name, outcome in zip(names, outcomes, strict=True):
                if outcome.code:
                    again(trained, name, data)
            assert trained.fingerprint() == whole, names
            refused = sum(outcome.code != 0 for outcome in outcomes)
            counted[f"{names[0]} beside {names[1]}: {refused} told to run again"] += 1
        trained.ask(*UNDO["update"])


def test_two_imports_at_once(machine: Machine, data: dict[str, Path], counted: Counter[str]) -> None:
    machine.whole(*replacing(data["a"]))
    whole = machine.fingerprint()
    children = [machine.start(*replacing(data["a"])) for _ in range(2)]
    outcomes = [child.wait() for child in children]
    assert all(outcome.clear for outcome in outcomes), outcomes
    assert any(outcome.code == 0 for outcome in outcomes), outcomes
    assert machine.fingerprint() == whole
    counted["import beside import"] += 1


@pytest.mark.parametrize("name", ["update", "embed", "train", "predict", "import"])
def test_too_little_memory_is_told_in_one_sentence(
    trained: Machine, data: dict[str, Path], counted: Counter[str], name: str
) -> None:
    if name == "import":
        line, whole = replacing(data["b"]), trained.fingerprint()
    else:
        line, (_, whole) = command(name, data), whole_run(trained, name, data)
    for part in range(max(POINTS // 4, 1)):
        limit = (1 + 2 * part) * GIGABYTE

        def limits(most: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (most, most))

        trained.ask(*UNDO.get(name, ()))
        outcome = trained.run(*line, limits=limits)
        assert outcome.clear, outcome.error
        counted[f"{name}: memory limit, " + ("one sentence" if outcome.code else "succeeded")] += 1
        if name == "import":
            assert outcome.code == 0 or trained.fingerprint() == whole
            if outcome.code == 0:
                break
        else:
            if outcome.code:
                again(trained, name, data)
            assert trained.fingerprint() == whole
    if name == "import":
        trained.whole(*replacing(data["a"]))


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount a small disk"
)
@pytest.mark.parametrize(
    ("megabytes", "foreseen"), [(8, True), (1, False), (3, False), (5, False), (24, True)]
)
def test_an_import_on_a_full_disk_leaves_the_old_database(
    tmp_path: Path,
    machine: Machine,
    data: dict[str, Path],
    counted: Counter[str],
    megabytes: int,
    foreseen: bool,
) -> None:
    """Unless `foreseen`, the import does not look at the free space beforehand."""

    def careless() -> None:
        if not foreseen:
            replace_database._EMPTY_STORE = 0

    machine.stop()
    home = tmp_path / "home"
    (home / "server").mkdir(parents=True)
    disk = home / "server" / "data"
    disk.mkdir()
    small = Machine(home, tmp_path / "work")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", disk], check=True)
    try:
        small.whole(*replacing(data["a"]))
        whole = small.fingerprint()
        used = shutil.disk_usage(disk).used
        subprocess.run(["mount", "-o", f"remount,size={used + megabytes * 2**20}", disk], check=True)
        outcome = small.run(*replacing(data["b"]), limits=careless)
        assert outcome.clear, outcome.error
        said = "told" if outcome.code else "enough"
        subprocess.run(["mount", "-o", "remount,size=2g", disk], check=True)
        if outcome.code:
            assert small.fingerprint() == whole
            assert any(word in outcome.error.lower() for word in ("full", "space")), outcome.error
        small.whole(*replacing(data["b"]))
        counted[
            f"import: {megabytes} MB of disk free{', foreseen' if foreseen else ''}, {said} after {outcome.seconds:.0f} s"
        ] += 1
    finally:
        small.stop()
        for _ in range(50):
            if subprocess.run(["umount", disk], check=False, capture_output=True).returncode == 0:
                break
            time.sleep(0.2)


def test_a_projection_that_a_killed_embed_left_is_dropped(trained: Machine, counted: Counter[str]) -> None:
    left = "kgrec-x-no"
    trained.ask(
        f"MATCH (m:Movie)<-[:DIRECTED]-(p) WITH gds.graph.project('{left}', p, m) AS g RETURN g.graphName",
        f"CALL gds.graph.drop('{left}', false) YIELD graphName RETURN graphName",
    )
    seconds = trained.whole(*EMBED)
    for moment in points("projection", seconds)[:4]:
        child = trained.start(*EMBED)
        time.sleep(moment)
        child.kill()
        child.wait()
    trained.whole(*EMBED)
    trained.ask(
        "CALL gds.graph.list() YIELD graphName WITH count(*) AS left RETURN 1 / CASE left WHEN 0 THEN 1 ELSE 0 END"
    )
    counted["embed: leftover projections dropped"] += 1
    assert process.find_admin(trained.second) == []
