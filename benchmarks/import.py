"""Time of `import` into the managed server, beside bare `neo4j-admin database import full` on the same CSV files.

    python benchmarks/import.py --imdb DIR [--rounds 3] [--json]

    python benchmarks/import.py --scan DIR

Works in a home of its own (`KGREC_HOME/benchmark`). The two are interleaved, and the median of each is reported. `--scan`
times cleaning beside DuckDB's plain scan and join of the same files, which checks nothing: in turn, each in processes of its own.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from kgrec_gds import home
from kgrec_gds.database.connection import VARIABLES
from kgrec_gds.loading.admin_command import import_arguments, in_parts
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
    parser.add_argument(
        "--scan", type=Path, metavar="DIR", help="only cleaning, beside a plain scan and join"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.bare is not None:
        print(json.dumps({"neo4j_admin_seconds": _bare_import(options.bare.absolute())}))
        return
    if options.scan is not None:
        print(json.dumps(_beside_scan(options.scan.absolute(), options.rounds)))
        return
    if options.imdb is None:
        parser.error("pass --imdb, --bare or --scan")
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


#: What is left of cleaning without its checks and counts: read as text, join by id, write the tables in order.
_SCAN = {
    "movies": """SELECT b.tconst, primaryTitle, startYear, runtimeMinutes, averageRating, numVotes
        FROM basics b LEFT JOIN averages USING (tconst) WHERE titleType = 'movie' ORDER BY tconst""",
    "acted_in": """SELECT nconst, tconst, ordering, characters FROM principals SEMI JOIN movies USING (tconst)
        WHERE category IN ('actor', 'actress') ORDER BY tconst, ordering::INT""",
    "directed": """SELECT DISTINCT unnest(split(directors, ',')) nconst, tconst FROM crew SEMI JOIN movies USING (tconst)
        WHERE directors <> '\\N' ORDER BY tconst, nconst""",
    "wrote": """SELECT DISTINCT unnest(split(writers, ',')) nconst, tconst FROM crew SEMI JOIN movies USING (tconst)
        WHERE writers <> '\\N' ORDER BY tconst, nconst""",
    "has_genre": """SELECT DISTINCT tconst, unnest(split(genres, ',')) name FROM basics SEMI JOIN movies USING (tconst)
        WHERE genres <> '\\N' ORDER BY tconst, name""",
    "persons": """SELECT r.nconst, primaryName FROM (SELECT nconst FROM acted_in UNION SELECT nconst FROM directed
        UNION SELECT nconst FROM wrote) r LEFT JOIN names USING (nconst) ORDER BY nconst""",
    "ratings": """SELECT userID, tconst, rating::DOUBLE AS rating, epoch(review_date::TIMESTAMP)::BIGINT AS rated_at
        FROM user_ratings SEMI JOIN movies USING (tconst) ORDER BY rated_at, userID, tconst""",
}


def _beside_scan(folder: Path, rounds: int) -> dict[str, float]:
    """Median seconds of cleaning and of the plain scan and join."""
    seconds: dict[str, list[float]] = {"clean": [], "scan": []}
    for _ in range(rounds):
        for name, work in (("clean", _clean), ("scan", _scan)):
            with tempfile.TemporaryDirectory() as out:
                process = multiprocessing.get_context("spawn").Process(target=work, args=(folder, Path(out)))
                start = time.perf_counter()
                process.start()
                process.join()
                seconds[name].append(time.perf_counter() - start)
                if process.exitcode:
                    raise SystemExit(process.exitcode)
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    return {**medians, "ratio": medians["clean"] / medians["scan"]}


def _clean(folder: Path, out: Path) -> None:
    from kgrec_gds.cleaning import CleaningRules, clean

    clean(folder, None, CleaningRules(), out=out / "clean")


def _scan(folder: Path, out: Path) -> None:
    import duckdb

    text = "all_varchar=true, header=true"
    tables = {
        "basics": "title.basics.tsv", "averages": "title.ratings.tsv", "crew": "title.crew.tsv",
        "principals": "title.principals.tsv", "names": "name.basics.tsv",
    }  # fmt: skip
    for name, file in tables.items():
        duckdb.sql(
            f"CREATE VIEW {name} AS FROM read_csv('{folder}/{file}*', {text}, delim='\t', quote='', escape='')"
        )
    duckdb.sql(f"CREATE VIEW user_ratings AS FROM read_csv('{folder}/user_rating.csv*', {text})")
    for name, query in _SCAN.items():
        duckdb.sql(f"CREATE TABLE {name} AS {query}")
        duckdb.sql(f"COPY {name} TO '{out}/{name}.parquet'")


def _bare_import(csv: Path) -> float:
    """Seconds of neo4j-admin alone, Java's start included, into an empty data directory."""
    data = Path(tempfile.mkdtemp(dir=home.server_folder()))
    arguments = ["database", "import", "full", "neo4j", f"--report-file={data / 'report'}"]
    try:
        start = time.perf_counter()
        done = admin(
            [*arguments, *import_arguments(csv, parts=in_parts(csv))], ServerFiles(instance="benchmark"), data
        )
        seconds = time.perf_counter() - start
        if done.exit_code:
            raise SystemExit(done.output)
        return seconds
    finally:
        shutil.rmtree(data)


if __name__ == "__main__":
    main()
