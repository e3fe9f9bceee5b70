"""Spark, in executor processes of their own, reads and computes the same as DuckDB."""

import codecs
import gzip
import random
import shutil
import signal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from kgrec_gds.cleaning import CleaningRules, clean
from kgrec_gds.cleaning.ratings_formats import recognize
from kgrec_gds.cleaning.raw_files import USER_RATINGS, RawFile, find_raw_files
from kgrec_gds.errors import InputError

CONFIGURATION = """
spark.hadoop.fs.viewfs.mounttable.data.link./imdb file://{folder}
spark.executorEnv.PYTHONPATH {site}
"""
#: Executors need not have this package.
WITHOUT_PACKAGE = "import sys\nsys.modules['kgrec_gds'] = None\n"
HEADER = b"userID,tconst,rating,review_date\n"
RATINGS = HEADER + b"".join(b"u%d,tt%07d,7,2020-01-01\n" % (n % 7, n) for n in range(400))
QUOTED = b'"a ""b""","tt1\n2",7,2020\nu5"x,tt2,7,2020\n"u\n\n6",tt3,"7,5",2020\n"open,tt4,7,2020\n'


@pytest.fixture(scope="module")
def mounted(tmp_path_factory):
    """A local folder that Spark also knows as `viewfs://data/imdb`."""
    return tmp_path_factory.mktemp("mounted")


@pytest.fixture(scope="module")
def engine(mounted, tmp_path_factory, quick_spark):
    """An engine on two executors, which other engines share."""
    from kgrec_gds.cleaning.spark_engine import SparkEngine

    work, site = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("site")
    (site / "sitecustomize.py").write_text(WITHOUT_PACKAGE)
    interrupt = signal.getsignal(signal.SIGINT)
    with pytest.MonkeyPatch.context() as patch:
        quick_spark(patch, work, CONFIGURATION.format(folder=mounted, site=site), executors=True)
        started = SparkEngine(work, CleaningRules())
        yield started
        started.close()
    assert signal.getsignal(signal.SIGINT) is interrupt


def test_spark_gives_the_same_tables_counts_and_quarantine(raw, rows, quarantined, engine, mounted, tmp_path):
    for date in (
        "31 February 2010",
        "2005-01-16T10:20:30+02:00",
        "16 January 2005",
        "2005-01-16T10:20:30.5Z",
        "2005/1/6",
        "January 6 2005",
        "2005-01-16 9:05 +02",
        "2005-01-16T10:20:30+15:00",
        "1100000000",
        "1100000000123.0",
        "2999-01-01",
    ):
        for movie in ("tt0000039", "tt0000038"):  # users with one rating are removed
            raw.rate(f"by {date}", movie, "5", date)
    raw.rate("u0", "tt0000001", "7", "2021-01-01")
    raw.rate("u0", "tt0000001", "nan", "2021-01-01")
    raw.rate("u1", "tt9999999", "7", "2021-01-01,extra")
    raw.tables["crew"][1] = "tt0000000\tnm0000020,nm0000020\tnm0000021,"
    for movie in ("TT0000038", "38.0", "https://www.imdb.com/title/tt0000038/", "nm0000038"):
        raw.rate(f"of {movie}", movie, '"7,5"', "2021-01-01")
        raw.rate(f"of {movie}", "tt0000039", "1.0", "2021-01-01")
    raw.rate("None", "tt0000001", "7", "2021-01-01")
    raw.rate("u" * 300, "tt0000001", "7", "2021-01-01")
    raw.tables["crew"][2] = "tt0000001\tnan\tnm0000021,\\N"
    raw.tables["basics"][3] = raw.tables["basics"][3].replace("\t90\t", "\t90.0\t")
    raw.tables["basics"][4] = raw.tables["basics"][4].replace("Drama", "nan")
    tables = ("movies", "persons", "acted_in", "directed", "wrote", "genres", "has_genre", "ratings")

    raw.ratings[5] = raw.ratings[5].replace("u0", '"u\n0"')
    raw.write()
    _in_other_forms(raw.folder)
    shutil.copytree(raw.folder, mounted, dirs_exist_ok=True)
    tables = ("movies", "persons", "acted_in", "directed", "wrote", "genres", "has_genre", "ratings")

    def outcome(engine, folder):
        settings = {"user_salt": "a secret's salt", "min_user_ratings": 2, "rating_scale": "1-9"}
        rules = CleaningRules(engine=engine, max_bad_share=0.4, **settings)
        result = clean(folder, None, rules, out=tmp_path / engine)
        return (
            result.report["tables"],
            quarantined(result),
            {name: rows(result, name) for name in tables},
        )

    assert outcome("spark", "viewfs://data/imdb") == outcome("duckdb", raw.folder)
    written = [path for path in (tmp_path / "spark").rglob("*") if path.parent.suffix == ".parquet"]
    assert len(written) > len(tables)
    assert not any(path.stat().st_mode & 0o077 for path in written)


def _in_other_forms(folder: Path) -> None:
    """Rewrite ratings as plain text, crew in UTF-16, and the averages as Parquet."""
    for name, codec in (("user_rating.csv", "utf-8"), ("title.crew.tsv", "utf-16")):
        text = gzip.decompress((folder / f"{name}.gz").read_bytes()).decode()
        (folder / name).write_text(text, encoding=codec)
        (folder / f"{name}.gz").unlink()
    averages = folder / "title.ratings.tsv.gz"
    table = duckdb.read_csv(str(averages), sep="\t")
    table.write_parquet(str(folder / "title.ratings.parquet"))
    averages.unlink()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("split.csv", RATINGS),
        ("mark-and-blank-lines.csv", codecs.BOM_UTF8 + RATINGS.replace(b"u6", b"\r\n\n u6")),
        ("quoted.csv", RATINGS.replace(b"u6,tt0000006,7,2020-01-01\n", QUOTED)),
        ("not-utf-8.csv", RATINGS.replace(b"u6", b"\xff\0")),
        ("cr-only.csv", RATINGS.replace(b"\n", b"\r")),
        ("utf-16.csv", RATINGS.decode().encode("utf-16")),
        ("two-members.csv.gz", gzip.compress(RATINGS) + gzip.compress(QUOTED)),
        ("[capitals] {1,2}.csv.GZ", gzip.compress(RATINGS)),
    ],
)
def test_spark_reads_the_same_rows_from_parts_of_a_file(engine, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    ratings_format, columns = recognize(HEADER.decode().strip())
    file = RawFile(USER_RATINGS, path, columns, columns, ratings_format)
    # A part of a file has at most so many bytes.
    engine.spark._session.conf.set("spark.sql.files.maxPartitionBytes", "2000")
    try:
        found = engine.collect(engine.rows(file).order_by("line"))
    finally:
        engine.spark._session.conf.unset("spark.sql.files.maxPartitionBytes")
    assert found == pa.Table.from_batches(file.batches()).to_pylist()


@pytest.mark.parametrize("damage", ["truncated", "damaged"])
def test_a_damaged_file_is_refused_in_a_sentence(engine, raw, damage):
    path = raw.write() / "title.crew.tsv.gz"
    noise = "\n".join(str(random.Random(n).random()) for n in range(30_000))
    whole = gzip.compress(f"tconst\tdirectors\twriters\n{noise}".encode())
    path.write_bytes(whole[:-100] if damage == "truncated" else whole[:-8] + b"\0\0\0\0" + whole[-4:])
    file = find_raw_files(raw.folder, None)["crew"]
    for reading in (lambda: engine.store(engine.rows(file), damage), lambda: list(file.batches())):
        with pytest.raises(InputError, match=f"title.crew.tsv.gz is {damage}"):
            reading()


def test_files_of_other_file_systems_are_checked_like_local_ones(engine, mounted):
    def refusal(folder):
        with pytest.raises(InputError) as refused:
            find_raw_files(engine.path(folder), None)
        return str(refused.value).replace(f"viewfs://data/imdb/{name}", f"{mounted}/{name}")

    for name, files in {
        "absent": None,
        "empty": {},
        "zip": {"title.basics.tsv": b"PK\x03\x04"},
        "no-parquet": {"title.basics.parquet": b"PAR1 and nothing else"},
        "header": {"title.basics.tsv.gz": gzip.compress(b"a\tb\n")},
    }.items():
        for file, content in (files or {}).items():
            (mounted / name).mkdir(exist_ok=True)
            (mounted / name / file).write_bytes(content)
        if files == {}:
            (mounted / name).mkdir()
        assert refusal(f"viewfs://data/imdb/{name}") == refusal(f"file://{mounted}/{name}")
    for uri, problem in (
        ("nosuch://host/imdb", "UnsupportedFileSystemException: No FileSystem for scheme"),
        ("hdfs://host.invalid:9000/imdb", "UnknownHostException|host.invalid"),
    ):
        with pytest.raises(InputError, match=rf"Cannot read {uri} \(.*({problem})"):
            find_raw_files(engine.path(uri), None)


def test_duckdb_reads_local_files_only(tmp_path):
    with pytest.raises(InputError, match=r"local files only, not hdfs://host/imdb.*--engine spark"):
        clean("hdfs://host/imdb", None, CleaningRules(), out=tmp_path / "out")


def test_a_name_that_spark_ignores_is_refused(engine, tmp_path):
    (tmp_path / "_ratings.csv").touch()
    file = RawFile(USER_RATINGS, tmp_path / "_ratings.csv", ("tconst",), ("tconst",))
    with pytest.raises(InputError, match="Spark ignores files whose names begin with _ or a dot"):
        engine.rows(file)
