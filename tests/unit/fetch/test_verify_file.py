import gzip
import zipfile
from pathlib import Path

import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.fetch.verify_file import verify_file


@pytest.mark.parametrize("name", ["title.basics.tsv.gz", "ml.zip"])
def test_an_archive_made_to_fill_the_disk_is_refused(tmp_path: Path, name: str) -> None:
    path, zeros = tmp_path / name, bytes(20 << 20)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(zeros))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("ratings.csv", zeros)
    with pytest.raises(InputError, match=r"unpacks to .* expected at most 100 times"):
        verify_file(path, name, None)


def test_a_table_with_many_equal_rows_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "title.basics.tsv.gz"
    path.write_bytes(gzip.compress(b"tt0000001\tmovie\tA title\n" * 30_000))
    verify_file(path, path.name, None)
