"""Time and memory of every command at K copies of a data set: how the project grows.

    python benchmarks/scale.py [--imdb ../shared/data/movietweetings] [--copies 1 5 33] [--steps import,admin,embed,...]
                               [--work DIR] [--limit 3600] [--again]

Copy k has ids of its own and times that are k seconds later, so K copies are K times as many users, movies, people and
ratings. Each K has a home of its own in the working directory. A step ends after `--limit` seconds. Finished steps are kept
in `results.json` there, and a second call does only what is missing (`--again`: the named steps anew). `admin` is bare
neo4j-admin on the CSV files of `import`. Peak memory is VmHWM of /proc, so this runs on Linux only.
"""

import argparse
import csv
import datetime as dt
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

STEPS = ("import", "admin", "embed", "train", "predict", "recommend")
_ID = re.compile(rb"\b(tt|nm)(?=\d{6,}\b)")
_DATES = "%Y-%m-%dT%H:%M:%SZ"
_PAUSE_SECONDS = 0.1


def main() -> None:
    """Measure what is missing, and print the table."""
    options = _options()
    options.work.mkdir(parents=True, exist_ok=True)
    kept = options.work / "results.json"
    results: dict[str, dict[str, Any]] = json.loads(kept.read_text()) if kept.is_file() else {}
    for copies in options.copies:
        folder = options.work / str(copies)
        rows = make_copies(options.imdb, folder / "imdb", copies)
        environment = _environment(folder / "home")
        failed = False
        try:
            for step in options.steps:
                key = f"{copies}/{step}"
                if failed or (key in results and results[key]["exit_code"] == 0 and not options.again):
                    continue
                measured = measure(_command(step, folder, environment), environment, options.limit)
                results[key] = {"copies": copies, "step": step, **measured}
                results[key]["rows"] = _rows(step, measured["output"], rows)
                kept.write_text(json.dumps(results, indent=1))
                failed = measured["exit_code"] != 0
                print(f"{key}: {measured['wall']:.1f} s {measured['message']}", file=sys.stderr)
        finally:
            subprocess.run(
                [*_KGREC, "server", "stop"], env=environment, stdout=subprocess.DEVNULL, check=False
            )
    print(table(results))


_KGREC = [sys.executable, "-m", "kgrec_gds"]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--imdb", type=Path, default=Path("../shared/data/movietweetings"))
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 5, 33])
    parser.add_argument("--steps", type=lambda text: text.split(","), default=list(STEPS))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "kgrec-scale")
    parser.add_argument("--limit", type=float, default=3600, help="seconds of a step")
    parser.add_argument("--again", action="store_true", help="measure the steps anew")
    options = parser.parse_args()
    if unknown := set(options.steps) - set(STEPS):
        parser.error(f"unknown steps {', '.join(sorted(unknown))}; expected some of {','.join(STEPS)}")
    options.work = options.work.absolute()
    return options


def make_copies(source: Path, target: Path, copies: int) -> dict[str, int]:
    """Write `copies` copies of a folder in IMDb's format into `target`, once; the rows of each file."""
    done = target / "rows.json"
    if done.is_file():
        return json.loads(done.read_text())
    target.mkdir(parents=True, exist_ok=True)
    rows = {}
    for path in sorted([*source.glob("*.tsv*"), *source.glob("*.csv*")]):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        header, _, body = text.partition(b"\n")
        body = body if body.endswith(b"\n") or not body else body + b"\n"
        with gzip.open(target / f"{path.name.removesuffix('.gz')}.gz", "wb", compresslevel=1) as file:
            file.write(header + b"\n")
            for copy in range(copies):
                file.write(_rated(header, body, copy) if ".csv" in path.name else _renamed(body, copy))
        rows[path.name] = copies * body.count(b"\n")
    done.write_text(json.dumps(rows))
    return rows


def _renamed(body: bytes, copy: int) -> bytes:
    """The rows with other ids, spelled as IMDb spells long ones: no zero first. The first copy keeps its own."""
    return body if copy == 0 else _ID.sub(rb"\g<1>%d" % (100 + copy), body)


def _rated(header: bytes, body: bytes, copy: int) -> bytes:
    """The ratings of other users at later times."""
    if copy == 0:
        return body
    names = header.decode().strip().split(",")
    user, date = names.index("userID"), names.index("review_date")
    lines = []
    for row in csv.reader(_renamed(body, copy).decode().splitlines()):
        row[user] = f"{copy}-{row[user]}"
        row[date] = (dt.datetime.strptime(row[date], _DATES) + dt.timedelta(seconds=copy)).strftime(_DATES)
        lines.append(",".join(row))
    return ("\n".join(lines) + "\n").encode()


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEO4J_")}
    return {**kept, "KGREC_HOME": str(home), "PYTHONUNBUFFERED": "1"}


def _command(step: str, folder: Path, environment: dict[str, str]) -> list[str]:
    csv_dir = str(folder / "csv")
    if step == "admin":
        return [sys.executable, str(Path(__file__).with_name("import.py")), "--bare", csv_dir]
    if step == "import":
        # The jars are the same for every K: installing them is not measured.
        subprocess.run([*_KGREC, "server", "install"], env=environment, stdout=subprocess.DEVNULL, check=True)
        return [*_KGREC, "import", "--imdb", str(folder / "imdb"), "--csv-dir", csv_dir, "--yes", "--json"]
    return {
        "embed": [*_KGREC, "embed", "--json"],
        "train": [*_KGREC, "train", "--json"],
        "predict": [*_KGREC, "predict", "--users", "all", "-k", "10", "--json"],
        "recommend": [*_KGREC, "recommend", _user(folder), "--json"],
    }[step]


def _user(folder: Path) -> str:
    with gzip.open(folder / "imdb" / "user_rating.csv.gz", "rt") as file:
        return next(csv.DictReader(file))["userID"]


def _rows(step: str, output: dict[str, Any], raw: dict[str, int]) -> int:
    """What a step works through: raw rows, nodes, ratings, or users."""
    ratings = sum(count for name, count in raw.items() if name.startswith("user_rating"))
    return {
        "import": sum(raw.values()),
        "admin": sum(raw.values()),
        "embed": output.get("node_count", 0),
        "train": ratings,
        "predict": output.get("users", 0),
    }.get(step, 1)


class _Sampler(threading.Thread):
    """Processor seconds and peak memory of a process and its children, and of the Java processes of a home."""

    def __init__(self, process: int, home: str) -> None:
        super().__init__(daemon=True)
        self.process, self.home = process, home
        self.seconds: dict[str, dict[tuple[int, float], float]] = {"client": {}, "server": {}}
        self.peak = {"client": 0, "server": 0}
        self._over = threading.Event()
        self._before = {key: cpu for key, cpu, _ in self._servers(reset=True)}

    def run(self) -> None:
        while not self._over.is_set():
            self._sample()
            self._over.wait(_PAUSE_SECONDS)

    def finish(self) -> dict[str, Any]:
        self._over.set()
        self.join()
        self._sample()
        client, server = self.seconds["client"], self.seconds["server"]
        return {
            "client_cpu": sum(client.values()),
            "server_cpu": sum(cpu - self._before.get(key, 0.0) for key, cpu in server.items()),
            "client_peak": self.peak["client"],
            "server_peak": self.peak["server"],
        }

    def _sample(self) -> None:
        for side, found in (("server", self._servers()), ("client", self._clients())):
            total = 0
            for key, cpu, peak in found:
                self.seconds[side][key] = cpu
                total += peak
            self.peak[side] = max(self.peak[side], total)

    def _clients(self) -> Iterator[tuple[tuple[int, float], float, int]]:
        try:
            first = psutil.Process(self.process)
            processes = [first, *first.children(recursive=True)]
        except psutil.Error:
            return
        yield from (seen for each in processes if not _is_java(each, "") and (seen := _seen(each)))

    def _servers(self, *, reset: bool = False) -> Iterator[tuple[tuple[int, float], float, int]]:
        for each in psutil.process_iter():
            if _is_java(each, self.home):
                if reset:
                    Path(f"/proc/{each.pid}/clear_refs").write_text("5")  # forgets the peak of earlier steps
                if seen := _seen(each):
                    yield seen


def _is_java(process: psutil.Process, home: str) -> bool:
    try:
        return process.name() == "java" and any(home in word for word in process.cmdline())
    except psutil.Error:
        return False


def _seen(process: psutil.Process) -> tuple[tuple[int, float], float, int] | None:
    """Process, its processor seconds, and its peak memory in bytes; None if it has ended."""
    try:
        spent = process.cpu_times()
        text = Path(f"/proc/{process.pid}/status").read_text()
        peak = int(text.split("VmHWM:")[1].split()[0]) * 1024
        return (process.pid, process.create_time()), spent.user + spent.system, peak
    except (psutil.Error, OSError, IndexError):
        return None


def measure(command: list[str], environment: dict[str, str], limit: float) -> dict[str, Any]:
    """Run a command and measure it; after `limit` seconds it is ended, with exit code -15."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = subprocess.Popen(
            command, env=environment, stdout=output, stderr=errors, start_new_session=True
        )
        sampler = _Sampler(started.pid, environment["KGREC_HOME"])
        sampler.start()
        try:
            code = started.wait(limit)
        except BaseException as error:
            os.killpg(started.pid, signal.SIGTERM)
            started.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            code = -signal.SIGTERM
        wall = time.perf_counter() - start
        measured = sampler.finish()
        output.seek(0)
        errors.seek(0)
        text, message = output.read(), errors.read()
    found = json.loads(text) if code == 0 else {}
    stages = found.get("seconds", {})
    last = "" if code == 0 else " ".join(message.split())[-300:]
    return {
        "wall": wall,
        **measured,
        "exit_code": int(code),
        "message": last,
        "stages": stages,
        "metrics": {name: found[name] for name in ("metrics", "ranking", "ratio") if name in found},
        "output": {name: found[name] for name in ("node_count", "users") if isinstance(found.get(name), int)},
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "load": os.getloadavg()[0],
    }


def table(results: dict[str, dict[str, Any]]) -> str:
    """The results as a table in Markdown, by step and K; growth is wall time against the smallest K of the step."""
    memory = psutil.virtual_memory().total / 2**30
    lines = [
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {shutil.disk_usage('/').total / 1e9:.0f} GB disk.",
        "",
        "| step | K | wall s | CPU s client | CPU s server | peak GB client | peak GB server | rows/s | growth | by stage, s |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --- |",
    ]
    for step in STEPS:
        found = sorted(
            (each for each in results.values() if each["step"] == step), key=lambda it: it["copies"]
        )
        for each in found:
            growth = each["wall"] / found[0]["wall"]
            stages = ", ".join(f"{name} {seconds:.0f}" for name, seconds in each["stages"].items())
            note = (
                stages if each["exit_code"] == 0 else f"not finished: {each['message'] or 'over the limit'}"
            )
            lines.append(
                f"| {step} | {each['copies']} | {each['wall']:.1f} | {each['client_cpu']:.0f} | {each['server_cpu']:.0f} "
                f"| {each['client_peak'] / 1e9:.2f} | {each['server_peak'] / 1e9:.2f} | {each['rows'] / each['wall']:,.0f} "
                f"| {growth:.1f} | {note} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
