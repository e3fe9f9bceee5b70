import stat
from pathlib import Path

import pytest

from kgrec_gds.cleaning.user_salt import read_salt
from kgrec_gds.errors import InputError


def test_the_salt_is_created_once_and_readable_only_by_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "salt"
    salt = read_salt(path)
    assert len(salt) >= 24
    assert read_salt(path) == salt
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_salt_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "salt").write_text("\n")
    with pytest.raises(InputError, match="is empty"):
        read_salt(tmp_path / "salt")
