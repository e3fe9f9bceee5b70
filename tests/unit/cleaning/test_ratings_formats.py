"""User ratings in several formats; the format of the how-to page works as written there."""

import importlib
import re
import textwrap
from pathlib import Path

import pytest

from kgrec_gds.cleaning import ratings_formats
from kgrec_gds.cleaning.ratings_formats import recognize

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "read-another-ratings-format.md"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("userID,tconst,rating,review_date", "CSV with a header"),
        ("Review Date,Rating,MovieID,User_ID,extra", "CSV with a header"),
        ("u1, tt0000001 ,7,16 January 2005", "CSV without a header"),
        ('"a,b",tt0000001,7,2005-01-16', "CSV without a header"),
    ],
)
def test_csv_is_recognized_by_its_first_line(line: str, name: str) -> None:
    recognized = recognize(line)
    assert recognized is not None
    assert recognized[0].name == name


@pytest.mark.parametrize("line", ["", "userID,tconst,rating", "a;b;c;d", "1::0114508::8::1381006850"])
def test_other_files_are_not_recognized(line: str) -> None:
    assert recognize(line) is None


def test_the_format_of_the_how_to_page_is_read(raw, run, rows, quarantined, tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "movietweetings_format.py").write_text(textwrap.dedent(code), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    added = importlib.import_module("movietweetings_format").FORMAT
    monkeypatch.setattr(ratings_formats, "FORMATS", (*ratings_formats.FORMATS, added))
    path = tmp_path / "ratings.dat"
    path.write_text("1::0000001::8::1381006850\n2::0000002::0::1586466072\n3::0000003::7::1586466072\n")
    result = run(raw, path, max_bad_share=0.5)
    assert rows(result, "ratings") == [
        {"userId": "1", "tconst": "tt0000001", "rating": 8.0, "ratedAt": 1_381_006_850},
        {"userId": "3", "tconst": "tt0000003", "rating": 7.0, "ratedAt": 1_586_466_072},
    ]
    (fault,) = quarantined(result)
    assert (fault["line"], fault["reason"]) == (2, "rating_outside_1_10")
    assert fault["row"] == "2::0000002::0::1586466072"
