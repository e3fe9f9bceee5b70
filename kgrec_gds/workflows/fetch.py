"""Download what a publisher offers, check it, and turn it into our input format."""

import gzip
import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import requests
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from kgrec_gds import progress
from kgrec_gds.download import Progress, download
from kgrec_gds.errors import InputError
from kgrec_gds.fetch import convert
from kgrec_gds.fetch.publishers import SOURCES, Source

_BLOCK = 1 << 20
_RATINGS = "user_rating.csv.gz"


@dataclass(frozen=True)
class Fetched:
    """What a fetch left in the folder."""

    source: str
    folder: str
    files: dict[str, int]
    """Name and size in bytes."""
    ratings: int | None
    """Ratings written to `user_rating.csv.gz`; None where the publisher has none."""


def fetch(name: str, into: Path, address: str | None = None) -> Fetched:
    """Bring one publisher's files into a folder; those that are there already are kept.

    Args:
        name: `imdb`, `movielens` or `movietweetings`.
        into: folder of the files, made if absent.
        address: another folder of the same files, such as a mirror.

    Raises:
        InputError: a file cannot be had or is not what it should be, or ratings of other origin are there.
    """
    source = SOURCES[name]
    if source.has_ratings:
        _refuse_other_ratings(source, into)
    progress.say(source.terms)
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--into should be a folder that can be written; {into} cannot: {error}") from error
    (into / f"LICENCE-{source.name}.txt").write_text(source.terms, encoding="utf-8")
    _bring(source, into, (address or source.address).rstrip("/"))
    ratings = _convert(source, into)
    sizes = {path.name: path.stat().st_size for path in sorted(into.iterdir()) if path.is_file()}
    return Fetched(source.name, str(into), sizes, ratings)


def _refuse_other_ratings(source: Source, into: Path) -> None:
    for path in (into / "user_rating.csv", into / _RATINGS):
        if path.exists() and not (path.name == _RATINGS and convert.is_written_by(path, source.name)):
            raise InputError(
                f"--into should be a folder without ratings of other origin, because `fetch {source.name}` writes "
                f"{_RATINGS}; {path} is there, and {source.name} did not write it. Move it away, or name another folder."
            )


def _bring(source: Source, into: Path, address: str) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with (
        requests.Session() as session,
        Bars(*columns, TimeRemainingColumn(), console=progress.console) as bars,
    ):
        for file in source.files:
            target = into / file
            if target.is_file():
                continue
            task = bars.add_task(file, total=None)
            # The unchecked file has a name of its own, so that an interrupt never leaves it looking finished.
            unchecked = target.with_name(f"{file}.unchecked")
            bar = Progress(
                total=lambda count, task=task: bars.update(task, total=count),  # type: ignore[misc]  # a default in a lambda has no type
                advance=lambda count, task=task: bars.advance(task, count),  # type: ignore[misc]  # as above
            )
            if not unchecked.is_file():  # else an earlier run brought it whole and could not check it
                download(f"{address}/{file}", unchecked, session, bar)
            md5 = _published_md5(source, f"{address}/{file}", session)
            try:
                _check(unchecked, file, md5)
            except InputError:
                unchecked.unlink()
                raise
            unchecked.replace(target)


def _published_md5(source: Source, url: str, session: requests.Session) -> str | None:
    if not source.has_checksums:
        return None
    try:
        response = session.get(f"{url}.md5", timeout=30)
    except requests.RequestException as error:
        raise InputError(f"The checksum {url}.md5 could not be asked for: {error}. Try again.") from error
    # Not every archive has one; the zip's own checksums remain.
    words = response.text.replace("=", " ").split() if response.ok else []
    return next((word.lower() for word in words if len(word) == 32), None)


def _check(path: Path, name: str, md5: str | None) -> None:
    if md5 is not None and _md5(path) != md5:
        raise InputError(
            f"{name} should have the published MD5 {md5}; what came has {_md5(path)}. Fetch it again."
        )
    try:
        if name.endswith(".gz"):
            with gzip.open(path) as file:
                while file.read(_BLOCK):
                    pass
        elif name.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                if (damaged := archive.testzip()) is not None:
                    raise InputError(f"{name} is damaged at {damaged}. Fetch it again.")
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise InputError(
            f"{name} should be a whole archive; what came is not: {error}. Fetch it again."
        ) from error


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _convert(source: Source, into: Path) -> int | None:
    target = into / _RATINGS
    downloaded = into / source.files[0]
    if source.name == "movielens":
        try:
            _keep_readme(downloaded, into)
            return convert.write_ratings(convert.movielens(downloaded), target, source.name)
        except (EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise InputError(
                f"{downloaded} should be a whole zip archive; it is not: {error}. Remove it and fetch again."
            ) from error
    if source.name == "movietweetings":
        return convert.write_ratings(convert.movietweetings(downloaded), target, source.name)
    return None


def _keep_readme(archive: Path, into: Path) -> None:
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if Path(name).name == "README.txt":
                (into / "README-movielens.txt").write_bytes(files.read(name))
