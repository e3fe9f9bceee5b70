"""Time of `import` into the managed server, beside bare `neo4j-admin database import full` on the same CSV files.

    python benchmarks/import.py --imdb DIR [--rounds 3] [--json]

Works in a home of its own (`KGREC_HOME/benchmark`). The two are interleaved, and the median of each is reported.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from kgrec_gds import home
from kgrec_gds.database.connection import VARIABLES
from kgrec_gds.loading.admin_command import import_arguments
from kgrec_gds.server.admin_tool import admin
from kgrec_gds.server.lifecycle import ensure_running, stop
from kgrec_gds.server.server_files import ServerFiles
from kgrec_gds.workflows.import_ import import_


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--imdb", type=Path, help="folder of IMDb's tables with user_rating.csv")
    parser.add_argument("--bare", type=Path, metavar="CSV", help="only neo4j-admin, once, on these CSV files")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.bare is not None:
        print(json.dumps({"neo4j_admin_seconds": _bare_import(options.bare.absolute())}))
        return
    if options.imdb is None:
        parser.error("pass --imdb or --bare")
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ[home.HOME_VARIABLE] = str(home.home() / "benchmark")
    ensure_running()
    imports, bare, stages = [], [], []
    try:
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(options.rounds):
                start = time.perf_counter()
                result = import_(imdb=options.imdb, csv_dir=Path(folder))
                imports.append(time.perf_counter() - start)
                stages.append(result.seconds)
                bare.append(_bare_import(Path(folder).absolute()))
    finally:
        stop()
    report = {
        "import_seconds": statistics.median(imports),
        "neo4j_admin_seconds": statistics.median(bare),
        "ratio": statistics.median(imports) / statistics.median(bare),
        "stages": {name: statistics.median(round_[name] for round_ in stages) for name in stages[0]},
        "nodes": result.nodes,
        "relationships": result.relationships,
    }
    print(json.dumps(report) if options.json else "\n".join(f"{k:>20}  {v}" for k, v in report.items()))


def _bare_import(csv: Path) -> float:
    """Seconds of neo4j-admin alone, Java's start included, into an empty data directory."""
    data = Path(tempfile.mkdtemp(dir=home.server_folder()))
    arguments = ["database", "import", "full", "neo4j", f"--report-file={data / 'report'}"]
    try:
        start = time.perf_counter()
        done = admin([*arguments, *import_arguments(csv)], ServerFiles(instance="benchmark"), data)
        seconds = time.perf_counter() - start
        if done.exit_code:
            raise SystemExit(done.output)
        return seconds
    finally:
        shutil.rmtree(data)


if __name__ == "__main__":
    main()
