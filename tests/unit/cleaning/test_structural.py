"""Unusable input is refused with a clear error, and earlier results are kept."""

import errno
import gzip
from pathlib import Path

import pytest

from kgrec_gds.cleaning import CleaningResult, CleaningRules, clean
from kgrec_gds.errors import InputError

REQUIRED = ["title.basics", "title.crew", "title.principals", "name.basics"]


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match=r"does not exist; expected a folder"):
        clean(tmp_path / "nowhere", None, CleaningRules(), out=tmp_path / "out")


def test_a_file_instead_of_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is not a folder"):
        clean(tmp_path / "file", None, CleaningRules(), out=tmp_path / "out")


@pytest.mark.parametrize("stem", REQUIRED)
def test_missing_table(raw, run, stem):
    raw.write()
    raw.tables = {}
    (raw.folder / f"{stem}.tsv.gz").unlink()
    with pytest.raises(InputError, match=f"required table {stem}"):
        run(raw)


@pytest.mark.parametrize("stem", [*REQUIRED, "title.ratings", "title.episode", "user_rating"])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda _: b"", "0 bytes"),
        (lambda whole: whole[: len(whole) // 2], "is truncated"),
        (lambda whole: whole[:-4], "is truncated"),
        (lambda _: b"tconst\tno gz\n", "is not a gz file"),
        (lambda whole: whole[:-8] + b"\0\0\0\0" + whole[-4:], "damaged"),
    ],
    ids=["0-bytes", "truncated", "last-bytes-missing", "no-gz", "wrong-checksum"],
)
def test_unreadable_file(raw, run, stem, spoil, message):
    raw.write()
    path = raw.folder / (f"{stem}.tsv.gz" if "." in stem else f"{stem}.csv.gz")
    path.write_bytes(spoil(path.read_bytes()))
    raw.tables, raw.ratings = {}, []
    with pytest.raises(InputError, match=message) as error:
        run(raw)
    assert str(path) in str(error.value)


def test_damage_found_late_is_reported_and_earlier_results_are_kept(raw, run, rows, tmp_path):
    result = run(raw)
    before = rows(result, "ratings")
    big = gzip.compress(("\n".join(raw.ratings) + "\n" + "u,tt0000001,5,2020-01-01\n" * 400_000).encode())
    (raw.folder / "user_rating.csv.gz").write_bytes(big[:-100])
    raw.ratings = []
    with pytest.raises(InputError, match="is truncated"):
        run(raw)
    assert rows(result, "ratings") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["imdb", "out"]


@pytest.mark.parametrize("table", ["basics", "crew", "principals", "names"])
def test_a_required_table_needs_rows(raw, run, table):
    raw.tables[table] = raw.tables[table][:1]
    with pytest.raises(InputError, match="at least one row"):
        run(raw)


@pytest.mark.parametrize("table", ["title_ratings", "episodes"])
def test_an_optional_table_may_have_no_rows(raw, run, table):
    raw.tables[table] = raw.tables[table][:1]
    assert run(raw).counts["movies"] == 40


@pytest.mark.parametrize("table", ["title_ratings", "episodes"])
def test_an_optional_table_may_be_absent(raw, run, table):
    del raw.tables[table]
    assert run(raw).counts["movies"] == 40


def test_a_file_of_ratings_needs_rows(raw, run):
    raw.ratings = raw.ratings[:1]
    with pytest.raises(InputError, match="at least one row"):
        run(raw)


def test_ratings_that_do_not_exist(raw, run, tmp_path):
    with pytest.raises(InputError, match=r"no\.csv does not exist"):
        run(raw, tmp_path / "no.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "|", " "])
def test_wrong_delimiter_of_a_table(raw, run, delimiter):
    raw.tables["crew"] = [line.replace("\t", delimiter) for line in raw.tables["crew"]]
    with pytest.raises(InputError, match="tab-separated columns"):
        run(raw)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("header", [True, False])
def test_other_delimiters_of_ratings(raw, run, delimiter, header):
    lines = raw.ratings if header else raw.ratings[1:]
    raw.ratings = [line.replace(",", delimiter) for line in lines]
    assert run(raw).counts["ratings"] == 200


def test_wrong_columns(raw, run):
    raw.tables["principals"][0] = raw.tables["principals"][0].replace("nconst", "person")
    with pytest.raises(InputError, match="lacks nconst"):
        run(raw)


def test_wrong_columns_of_ratings(raw, run):
    raw.ratings[0] = "userID,movie,stars,review_date"
    with pytest.raises(InputError, match="lacks tconst, rating"):
        run(raw)


def test_too_many_faulty_rows_stop_the_import(raw, run):
    for n in range(12):
        raw.rate(f"u{n}", "tt0000001", "11", "2020-01-01")
    with pytest.raises(InputError, match=r"12 of 212 are \(5\.7%\).*first in line 202.*max_bad_share"):
        run(raw)
    assert run(raw, max_bad_share=0.06).counts["ratings"] == 200


def test_a_gz_file_without_gz_in_its_name(raw, run):
    raw.write()
    path = raw.folder / "title.crew.tsv.gz"
    path.rename(raw.folder / "title.crew.tsv")
    raw.tables = {}
    with pytest.raises(InputError, match=r"Add \.gz to its name"):
        run(raw)


def test_no_movie_left_is_an_error(raw, run):
    with pytest.raises(InputError, match="another type"):
        run(raw, title_types=("tvSeries",))


def test_a_folder_with_other_files_is_not_replaced(raw, run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").touch()
    with pytest.raises(InputError, match="something other"):
        run(raw)
    assert (tmp_path / "out" / "thesis.txt").exists()


def test_an_output_folder_that_cannot_be_written(raw):
    with pytest.raises(InputError, match="Cannot write to"):
        clean(raw.write(), None, CleaningRules(), out=raw.folder / "title.crew.tsv.gz" / "out")


def test_an_invalid_memory_limit(raw, run):
    with pytest.raises(InputError, match=r"Invalid memory_limit 'plenty'; expected e\.g\. 500MB"):
        run(raw, memory_limit="plenty")


def test_temporary_folders_of_killed_runs_are_removed_and_nothing_else(raw, run, tmp_path):
    for name in (".out-abcd_123/work", ".out-two-abcd_123/work", ".out-mine_too/thesis"):
        (tmp_path / name).mkdir(parents=True)
    run(raw)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".out-mine_too",
        ".out-two-abcd_123",
        "imdb",
        "out",
    ]


def test_earlier_results_are_restored_if_they_cannot_be_replaced(raw, run, rows, tmp_path, monkeypatch):
    before = rows(run(raw), "ratings")
    rename = Path.rename

    def full_disk(path, target):
        if path.name == "fresh":
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full_disk)
    with pytest.raises(OSError, match="No space left"):
        run(raw)
    assert rows(CleaningResult.open(tmp_path / "out"), "ratings") == before
