"""One file over HTTP: resumed by range where it stopped, and never a mix of two versions of it."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests

from kgrec_gds.errors import InputError

ATTEMPTS = 5
TIMEOUT_SECONDS = 60
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Progress:
    """Where a download reports to: its total once known, then every number of bytes (negative: taken back)."""

    total: Callable[[int], None]
    advance: Callable[[int], None]


def download(url: str, target: Path, session: requests.Session, progress: Progress) -> None:
    """Bring `url` to `target`, which appears only once it is whole; what came so far waits in `target.part`.

    Raises:
        InputError: the file cannot be had after several attempts; what came is kept for the next run.
    """
    partial = target.with_name(f"{target.name}.part")
    if partial.is_file():
        progress.advance(partial.stat().st_size)
    problem = ""
    for attempt in range(ATTEMPTS):
        time.sleep(attempt and 2 ** (attempt - 1) * 0.25)
        try:
            expected = go_on(url, partial, session, progress)
        except requests.RequestException as error:
            problem = str(error)
            if _is_final(error):
                break
            continue
        size = partial.stat().st_size
        if expected is None or size == expected:
            partial.replace(target)
            _version_file(partial).unlink(missing_ok=True)
            return
        problem = f"{size:,} of {expected:,} bytes came"
    raise InputError(
        f"{url} could not be downloaded: {problem}. Run the command again to go on where it stopped."
    )


def _is_final(error: requests.RequestException) -> bool:
    # 4xx says that asking again is no use, but for "too many requests".
    status = error.response.status_code if error.response is not None else 0
    return 400 <= status < 500 and status != requests.codes.too_many_requests


def go_on(
    url: str, partial: Path, session: requests.Session, progress: Progress, *, changes: bool = True
) -> int | None:
    """Append what is missing; a server that ignores the range, or has another version, sends all of it again.

    Args:
        url: whose bytes.
        partial: what came so far, if anything.
        session: of requests.
        progress: is told what comes.
        changes: whether another version may stand under this address; where none can, no version is compared.

    Raises:
        requests.RequestException: the server is away or refuses; what came is kept.

    Returns:
        How many bytes the whole file has, None where the server does not say.
    """
    have = partial.stat().st_size if partial.is_file() else 0
    version = _version_file(partial)
    # Without a version to compare, old bytes could be joined to new ones: begin again.
    headers = {"Accept-Encoding": "identity"}
    if have and not changes:
        headers |= {"Range": f"bytes={have}-"}
    elif have and version.is_file():
        headers |= {"Range": f"bytes={have}-", "If-Range": version.read_text(encoding="utf-8")}
    with session.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return have  # it was whole already
        response.raise_for_status()
        resumed = response.status_code == requests.codes.partial_content
        if have and not resumed:
            progress.advance(-have)
            have = 0
        length = response.headers.get("Content-Length")
        expected = have + int(length) if length else None
        if expected:
            progress.total(expected)
        if changes:
            _remember_version(version, response)
        with partial.open("ab" if resumed else "wb") as file, contextlib.closing(response):
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                progress.advance(len(chunk))
    return expected


def _version_file(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.version")


def _remember_version(version: Path, response: requests.Response) -> None:
    mark = response.headers.get("ETag") or response.headers.get("Last-Modified")
    if mark and not mark.startswith("W/"):
        version.write_text(mark, encoding="utf-8")
    else:
        version.unlink(missing_ok=True)
