"""Clean folders with DuckDB and with Spark, and compare tables, counts, quarantine and messages.

    python benchmarks/spark_import.py DIR [--ratings FILE] [--user NAME] [--rating-scale LEAST-GREATEST] [--preset paper]
    python benchmarks/spark_import.py --cases DIR       (a folder with cases.tsv, as in ../shared/cases)

Spark's own configuration says where it runs. For two executor processes on this machine:
`PYSPARK_SUBMIT_ARGS="--master local-cluster[2,1,1024] pyspark-shell"`.
"""

import argparse
import csv
import hashlib
import json
import shlex
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from kgrec_gds.cleaning import CleaningRules, clean
from kgrec_gds.errors import InputError
from kgrec_gds.loading.clean_tables import CleanTables, write_csv


def main() -> None:
    """Compare and print a line of JSON a folder; exit with 1 if anything differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--cases", type=Path)
    _add_options(parser)
    options = parser.parse_args()
    same = True
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        with _shared_spark(work):
            cases = [(options.folder.name, options.folder, options)] if options.folder else []
            for name, folder, given in cases or _cases(options.cases, work):
                same &= _compare(name, folder, given, work)
    raise SystemExit(0 if same else 1)


def _add_options(parser: argparse.ArgumentParser) -> None:
    for option in ("--ratings", "--user", "--rating-scale"):
        parser.add_argument(option)
    parser.add_argument("--preset", default="default")


def _shared_spark(work: Path) -> Any:
    """A session that all comparisons use, so that starting Spark counts once."""
    from contextlib import closing

    from kgrec_gds.cleaning.spark_engine import SparkEngine

    return closing(SparkEngine(work, CleaningRules()))


def _cases(cases: Path, work: Path) -> Any:
    """The base folder with the files of each case in `cases.tsv`."""
    parser = argparse.ArgumentParser()
    _add_options(parser)
    with (cases / "cases.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in [{"case": "base", "files changed": "", "options": ""}, *rows]:
        folder = work / "cases" / row["case"]
        shutil.copytree(cases / "base", folder)
        for changed in (cases / row["case"]).glob("*"):
            shutil.copyfile(changed, folder / changed.name)
        name, _, what = row["files changed"].partition(" is a ")
        if what:
            (folder / name).unlink()
            (folder / name).mkdir() if what == "folder" else (folder / name).symlink_to(folder / "nowhere")
        yield row["case"], folder, parser.parse_args(shlex.split(row["options"]))


def _compare(name: str, folder: Path, options: argparse.Namespace, work: Path) -> bool:
    outcomes, seconds = {}, {}
    for engine in ("duckdb", "spark"):
        start = time.perf_counter()
        outcomes[engine] = _outcome(folder, options, engine, work / engine)
        seconds[engine] = round(time.perf_counter() - start, 1)
    one, other = outcomes.values()
    differing = [key for key in one.keys() | other.keys() if one.get(key) != other.get(key)]
    report = {"folder": name, "differing": sorted(differing), "seconds": seconds, "rows": one.get("rows")}
    print(json.dumps({**report, "refused": one.get("refused")}), flush=True)
    if differing:
        print(json.dumps({key: [one.get(key), other.get(key)] for key in differing}, default=str)[:2000])
    return not differing


def _outcome(folder: Path, options: argparse.Namespace, engine: Any, out: Path) -> dict[str, Any]:
    """Counts, hash of the quarantine, and hash of the sorted lines of each CSV file; or the refusal."""
    rules = CleaningRules.preset(
        options.preset, engine=engine, user=options.user, rating_scale=options.rating_scale
    )
    try:
        result = clean(folder, folder / options.ratings if options.ratings else None, rules, out=out)
    except InputError as error:
        return {"refused": str(error)}
    tables = CleanTables(result.folder)
    csv_folder = write_csv(tables, out.with_name(f"{out.name}-csv"))
    tables.close()
    hashes = {path.name: _hash(sorted(path.read_bytes().splitlines())) for path in csv_folder.glob("*.csv")}
    rows, warnings, counts = (result.report[key] for key in ("rows", "warnings", "tables"))
    quarantine = _hash(result.quarantine_path.read_bytes().splitlines())
    return {"rows": rows, "warnings": warnings, "counts": counts, "quarantine": quarantine, **hashes}


def _hash(lines: list[bytes]) -> str:
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]


if __name__ == "__main__":
    main()
