"""The real data sets as CSV: counts are those of the files without the rows that the rules remove."""

from pathlib import Path

import pytest

from kgrec_gds.workflows.import_ import import_

pytestmark = pytest.mark.real_data


def test_movielens(shared_data: Path, tmp_path: Path) -> None:
    done = import_(imdb=shared_data / "movielens", csv_dir=tmp_path, csv_only=True)
    assert done.nodes["User"] == 610
    # Seven movies, with nine ratings, have no year.
    assert done.tables["basics"]["rows_in"] == 9_724
    assert done.tables["basics"]["removed"] == {"no_year": 7}
    assert done.nodes["Movie"] == 9_717
    assert done.tables["user_ratings"]["rows_in"] == 100_836
    assert done.relationships["RATED"] == 100_827
    assert len((tmp_path / "ratings.csv").read_bytes().splitlines()) == 100_827 + 1


def test_movietweetings(shared_data: Path, tmp_path: Path) -> None:
    done = import_(imdb=shared_data / "movietweetings", csv_dir=tmp_path, csv_only=True)
    assert done.nodes["User"] == 21_081
    assert done.nodes["Movie"] == 12_611
    assert done.tables["user_ratings"]["faults"] == {"rating_outside_1_10": 17}
    assert done.relationships["RATED"] == 141_695 - 17
