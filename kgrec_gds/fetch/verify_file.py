"""Verify a downloaded file by its published checksum and by the checksums inside archives."""

import gzip
import hashlib
import zipfile
import zlib
from pathlib import Path

import requests

from kgrec_gds.errors import InputError

_BLOCK = 1 << 20
#: Tables are packed five times, and what is made to fill a disk a thousand times.
_MOST_TIMES = 100


def published_md5(url: str, session: requests.Session) -> str | None:
    """The MD5 that a publisher states in `<url>.md5`; None if there is no such file.

    Raises:
        InputError: the publisher cannot be reached.
    """
    try:
        response = session.get(f"{url}.md5", timeout=30)
    except requests.RequestException as error:
        raise InputError(f"Cannot download the checksum {url}.md5: {error}. Try again.") from error
    words = response.text.replace("=", " ").split() if response.ok else []
    return next((word.lower() for word in words if len(word) == 32), None)


def verify_file(path: Path, name: str, md5: str | None) -> None:
    """Check a file against its MD5, if known, and read archives through.

    Raises:
        InputError: the file is damaged or not the published one.
    """
    if md5 is not None and (found := _md5(path)) != md5:
        raise InputError(f"{name} has the MD5 {found}; expected the published {md5}. Fetch it again.")
    try:
        if name.endswith(".gz"):
            with gzip.open(path) as file:
                while file.read(_BLOCK):
                    _check_size(name, file.tell(), path)
        elif name.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                # Of a member no more is read than this says.
                _check_size(name, sum(member.file_size for member in archive.infolist()), path)
                if (damaged := archive.testzip()) is not None:
                    raise InputError(f"{name} is damaged at {damaged}. Fetch it again.")
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise InputError(f"{name} is not a valid archive: {error}. Fetch it again.") from error


def _check_size(name: str, unpacked: int, path: Path) -> None:
    packed = path.stat().st_size
    if unpacked > _MOST_TIMES * packed + _BLOCK:
        raise InputError(
            f"{name} unpacks to {unpacked:,} bytes or more from {packed:,}; expected at most {_MOST_TIMES} times as much. "
            "Check the address that it came from."
        )


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
