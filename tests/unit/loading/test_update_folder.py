"""A folder of new rows is completed to one that cleaning accepts."""

import codecs
import gzip
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.cleaning import CleaningRules, clean
from kgrec_gds.cleaning.raw_files import find_raw_files
from kgrec_gds.errors import InputError
from kgrec_gds.loading.update_folder import update_folder


class KnownMovies:
    """Stands in for the database, of which only the movies are queried."""

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
    with update_folder(KnownMovies(), new, None) as whole:  # type: ignore[arg-type]  # a stand-in
        folder = whole.folder
        result = clean(folder, None, CleaningRules(), out=tmp_path / "out")
    assert result.counts["ratings"] == 1
    assert result.counts["persons"] == 0
    # Cleaning removes movies without a year, so they are not counted.
    assert whole.added_movies == 2 == result.counts["movies"]
    assert not folder.exists()


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("packed", [True, False])
def test_added_movies_have_only_key_and_year(tmp_path: Path, packed: bool, end: str) -> None:
    text = (
        f"tconst\ttitleType\tprimaryTitle\tstartYear\tgenres\timg\ntt1\tmovie\tNew title\t1999\t\\N\tx{end}"
    )
    if packed:
        (tmp_path / "title.basics.tsv.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (tmp_path / "title.basics.tsv").write_text(text)
    with update_folder(KnownMovies(), tmp_path, None) as whole:  # type: ignore[arg-type]  # a stand-in
        basics = rows(whole.folder / "title.basics.tsv")
        names = sorted(path.name for path in whole.folder.iterdir())
    assert basics[1:] == [
        ["tt1", "movie", "New title", "1999", "\\N", "x"],
        ["tt2", "movie", "\\N", "2001", "\\N", "\\N"],
        ["tt3", "movie", "\\N", "\\N", "\\N", "\\N"],
    ]
    assert names == ["name.basics.tsv", "title.basics.tsv", "title.crew.tsv", "title.principals.tsv"]


def test_a_folder_with_nothing_to_add_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match="Nothing to add"), update_folder(KnownMovies(), tmp_path, None):  # type: ignore[arg-type]
        pass
    with (
        pytest.raises(InputError, match="is not a folder"),
        update_folder(KnownMovies(), tmp_path / "no", None),
    ):  # type: ignore[arg-type]
        pass


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"tconst\ttitleType\n" * 5000)
    (tmp_path / "title.basics.tsv.gz").write_bytes(whole[: len(whole) // 2])
    with (
        pytest.raises(InputError, match=r"title\.basics\.tsv\.gz"),
        update_folder(KnownMovies(), tmp_path, None),
    ):  # type: ignore[arg-type]
        pass


def test_ids_are_found_after_a_byte_order_mark_and_in_any_column(tmp_path: Path) -> None:
    (tmp_path / "title.basics.tsv").write_bytes(
        codecs.BOM_UTF8 + b" titleType\tstartYear\ttconst \r\nmovie\t1999\ttt1\r\n"
    )
    with update_folder(KnownMovies(), tmp_path, None) as whole:  # type: ignore[arg-type]  # a stand-in
        basics = rows(whole.folder / "title.basics.tsv")
    assert basics[1:] == [["movie", "1999", "tt1"], ["movie", "2001", "tt2"], ["movie", "\\N", "tt3"]]


def test_of_two_files_of_ratings_the_plain_one_is_read(tmp_path: Path) -> None:
    header = "userID,tconst,rating,review_date\n"
    new = tmp_path / "new"
    new.mkdir()
    (new / "user_rating.csv").write_text(f"{header}plain,tt1,8,2020-01-01\n")
    (new / "user_rating.csv.gz").write_bytes(gzip.compress(f"{header}packed,tt1,8,2020-01-01\n".encode()))
    with update_folder(KnownMovies(), new, None) as whole:  # type: ignore[arg-type]  # a stand-in
        assert find_raw_files(whole.folder, None)["user_ratings"].path.name == "user_rating.csv"
