"""The command `fetch`: download a publisher's files, verify them, and convert their ratings to our format."""

import zipfile
import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from kgrec_gds.download import byte_bars, download
from kgrec_gds.errors import InputError
from kgrec_gds.fetch import convert_ratings
from kgrec_gds.fetch.publishers import MOVIELENS, PUBLISHERS, Publisher
from kgrec_gds.fetch.verify_file import published_md5, verify_file
from kgrec_gds.progress import say

if TYPE_CHECKING:
    from rich.progress import Progress

_RATINGS = "user_rating.csv.gz"


@dataclass(frozen=True)
class FetchResult:
    """The files in the folder after a fetch."""

    source: str
    folder: str
    files: dict[str, int]
    """Name and size in bytes."""
    ratings: int | None
    """Ratings in `user_rating.csv.gz`; None if the publisher has none."""


def fetch(source: str, into: Path, address: str | None = None) -> FetchResult:
    """Download one publisher's files into a folder; files that exist are kept.

    `source` is `imdb`, `movielens` or `movietweetings`, and `address` another folder with the same files, such as a mirror.

    Raises:
        InputError: a file cannot be downloaded or is damaged, or the folder has ratings from elsewhere.
    """
    publisher = PUBLISHERS[source]
    if publisher.has_ratings:
        _refuse_other_ratings(publisher, into)
    say(publisher.terms)
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"Cannot write to {into}: {error}. Choose another folder.") from error
    (into / f"LICENCE-{publisher.name}.txt").write_text(publisher.terms, encoding="utf-8")
    _download(publisher, into, (address or publisher.address).rstrip("/"))
    ratings = _convert(publisher, into)
    sizes = {path.name: path.stat().st_size for path in sorted(into.iterdir()) if path.is_file()}
    return FetchResult(publisher.name, str(into), sizes, ratings)


def _refuse_other_ratings(publisher: Publisher, into: Path) -> None:
    for path in (into / "user_rating.csv", into / _RATINGS):
        ours = path.name == _RATINGS and path.exists() and convert_ratings.is_written_by(path, publisher.name)
        if path.exists() and not ours:
            raise InputError(
                f"{path} exists and was not written by `fetch {publisher.name}`, which writes {_RATINGS}. Move it away, "
                "or choose another folder."
            )


def _download(publisher: Publisher, into: Path, address: str) -> None:
    with requests.Session() as session, byte_bars() as bars:
        for name in publisher.files:
            if not (into / name).is_file():
                _download_file(publisher, f"{address}/{name}", into / name, session, bars)


def _download_file(
    publisher: Publisher, url: str, target: Path, session: requests.Session, bars: "Progress"
) -> None:
    task = bars.add_task(target.name, total=None)
    # A file not yet verified has another name, so that an interrupt never leaves it looking finished.
    unchecked = target.with_name(f"{target.name}.unchecked")
    if not unchecked.is_file():
        advance = partial(bars.advance, task)
        download(url, unchecked, session, advance, total=lambda size: bars.update(task, total=size))
    md5 = published_md5(url, session) if publisher.has_checksums else None
    try:
        verify_file(unchecked, target.name, md5)
    except InputError:
        unchecked.unlink()
        raise
    unchecked.replace(target)


def _convert(publisher: Publisher, into: Path) -> int | None:
    if not publisher.has_ratings:
        return None
    downloaded = into / publisher.files[0]
    convert = convert_ratings.movielens if publisher is MOVIELENS else convert_ratings.movietweetings
    try:
        if publisher is MOVIELENS:
            _extract_readme(downloaded, into)
        return convert_ratings.write_ratings(convert(downloaded), into / _RATINGS, publisher.name)
    except (EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise InputError(
            f"{downloaded} is not a valid zip archive: {error}. Remove it and fetch again."
        ) from error


def _extract_readme(archive: Path, into: Path) -> None:
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if Path(name).name == "README.txt":
                (into / "README-movielens.txt").write_bytes(files.read(name))
