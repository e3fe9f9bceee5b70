"""A folder of new rows becomes one that cleaning accepts."""

import codecs
import gzip
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.cleaning import CleaningRules, clean
from kgrec_gds.cleaning.raw_files import find_sources
from kgrec_gds.errors import InputError
from kgrec_gds.loading.new_rows import completed


class KnownMovies:
    """Stands in for the database: it is asked for its movies, and for nothing else."""

    def run(self, name: str) -> list[dict[str, Any]]:
        assert name == "loading/known_movies"
        return [
            {"tconst": "tt1", "year": 1999},
            {"tconst": "tt2", "year": 2001},
            {"tconst": "tt3", "year": None},
        ]


def rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text().splitlines()]


def test_ratings_alone_are_enough(tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / "user_rating.csv").write_text(
        "userID,tconst,rating,review_date\n1,tt1,8,2020-01-01\n1,tt7,8,2020-01-01\n"
    )
    with completed(KnownMovies(), new, None) as whole:  # type: ignore[arg-type]  # a stand-in
        folder = whole.folder
        result = clean(folder, None, CleaningRules(), out=tmp_path / "out")
    assert result.counts["ratings"] == 1
    assert result.counts["persons"] == 0
    # a movie without a year is no movie for cleaning, so it is not borrowed
    assert whole.borrowed_movies == 2 == result.counts["movies"]
    assert not folder.exists()


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("packed", [True, False])
def test_borrowed_movies_say_their_key_and_year_alone(tmp_path: Path, packed: bool, end: str) -> None:
    text = (
        f"tconst\ttitleType\tprimaryTitle\tstartYear\tgenres\timg\ntt1\tmovie\tNew title\t1999\t\\N\tx{end}"
    )
    if packed:
        (tmp_path / "title.basics.tsv.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (tmp_path / "title.basics.tsv").write_text(text)
    with completed(KnownMovies(), tmp_path, None) as whole:  # type: ignore[arg-type]  # a stand-in
        basics = rows(whole.folder / "title.basics.tsv")
        names = sorted(path.name for path in whole.folder.iterdir())
    assert basics[1:] == [
        ["tt1", "movie", "New title", "1999", "\\N", "x"],
        ["tt2", "movie", "\\N", "2001", "\\N", "\\N"],
        ["tt3", "movie", "\\N", "\\N", "\\N", "\\N"],
    ]
    assert names == ["name.basics.tsv", "title.basics.tsv", "title.crew.tsv", "title.principals.tsv"]


def test_nothing_to_add_and_no_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match="something to add"), completed(KnownMovies(), tmp_path, None):  # type: ignore[arg-type]
        pass
    with pytest.raises(InputError, match="is none"), completed(KnownMovies(), tmp_path / "no", None):  # type: ignore[arg-type]
        pass


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"tconst\ttitleType\n" * 5000)
    (tmp_path / "title.basics.tsv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"title\.basics\.tsv\.gz"), completed(KnownMovies(), tmp_path, None):  # type: ignore[arg-type]
        pass


def test_ids_are_found_behind_a_byte_order_mark_and_in_any_column(tmp_path: Path) -> None:
    (tmp_path / "title.basics.tsv").write_bytes(
        codecs.BOM_UTF8 + b" titleType\tstartYear\ttconst \r\nmovie\t1999\ttt1\r\n"
    )
    with completed(KnownMovies(), tmp_path, None) as whole:  # type: ignore[arg-type]  # a stand-in
        basics = rows(whole.folder / "title.basics.tsv")
    assert basics[1:] == [["movie", "1999", "tt1"], ["movie", "2001", "tt2"], ["movie", "\\N", "tt3"]]


def test_of_two_files_of_ratings_the_one_that_an_import_reads(tmp_path: Path) -> None:
    header = "userID,tconst,rating,review_date\n"
    new = tmp_path / "new"
    new.mkdir()
    (new / "user_rating.csv").write_text(f"{header}plain,tt1,8,2020-01-01\n")
    (new / "user_rating.csv.gz").write_bytes(gzip.compress(f"{header}packed,tt1,8,2020-01-01\n".encode()))
    with completed(KnownMovies(), new, None) as whole:  # type: ignore[arg-type]  # a stand-in
        assert find_sources(whole.folder, None)["user_ratings"].path.name == "user_rating.csv"
