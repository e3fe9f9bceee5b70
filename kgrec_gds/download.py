"""Download files over HTTP: resume where a transfer stopped, and never mix two versions of a file."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from kgrec_gds import progress
from kgrec_gds.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress

ATTEMPTS = 5
TIMEOUT_SECONDS = 60
_CHUNK = 1 << 16


@contextlib.contextmanager
def byte_bars() -> Iterator["Progress"]:
    """A display of progress bars in bytes."""
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=progress.console, disable=progress.quiet()) as bars:
        yield bars


def download(
    urls: str | Sequence[str],
    target: Path,
    session: requests.Session,
    advance: Callable[[int], None],
    *,
    total: Callable[[int], None] = lambda _: None,
    immutable: bool = False,
    problem_with: Callable[[Path], str | None] = lambda _: None,
) -> None:
    """Download a file to `target`, which appears when it is complete; until then it is `target.part`.

    Several addresses of the same file are tried in turn. One that is `immutable` at its address is resumed without comparing
    versions. `problem_with` checks the complete file, and the text of a problem discards it.

    `advance` gets the number of bytes received (negative if they are discarded), and `total` that of the file once known.

    Raises:
        InputError: the download failed after several attempts; the part received is kept.
    """
    addresses = [urls] if isinstance(urls, str) else list(urls)
    partial = target.with_name(f"{target.name}.part")
    if partial.is_file():
        advance(partial.stat().st_size)
    problem = "no address was given"
    for attempt in range(ATTEMPTS):
        time.sleep(attempt and 2 ** (attempt - 1) * 0.25)
        try:
            address = addresses[attempt % len(addresses)]
            expected = _resume(address, partial, session, advance, total, immutable=immutable)
        except requests.RequestException as error:
            problem = str(error)
            if _is_final(error) and len(addresses) == 1:
                break
            continue
        size = partial.stat().st_size
        if expected is not None and size != expected:
            problem = f"received {size:,} of {expected:,} bytes"
        elif wrong := problem_with(partial):
            problem = wrong
            advance(-size)
            partial.unlink()
        else:
            partial.replace(target)
            _version_file(partial).unlink(missing_ok=True)
            return
    raise InputError(f"Cannot download {addresses[0]}: {problem}. Run the same command again to resume.")


def _is_final(error: requests.RequestException) -> bool:
    # Client errors (4xx) are permanent, except "too many requests".
    status = error.response.status_code if error.response is not None else 0
    return 400 <= status < 500 and status != requests.codes.too_many_requests


def _resume(
    url: str,
    partial: Path,
    session: requests.Session,
    advance: Callable[[int], None],
    total: Callable[[int], None],
    *,
    immutable: bool,
) -> int | None:
    """Append the missing bytes to `partial`, or start again if the server ignores ranges or has another version.

    Returns the size of the complete file, or None if the server does not state it.
    """
    have = partial.stat().st_size if partial.is_file() else 0
    version = _version_file(partial)
    headers = {"Accept-Encoding": "identity"}
    if have and immutable:
        headers |= {"Range": f"bytes={have}-"}
    elif have and version.is_file():
        headers |= {"Range": f"bytes={have}-", "If-Range": version.read_text(encoding="utf-8")}
    with session.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return have  # it is complete
        response.raise_for_status()
        resumed = response.status_code == requests.codes.partial_content
        if have and not resumed:
            advance(-have)
            have = 0
        length = response.headers.get("Content-Length")
        expected = have + int(length) if length else None
        if expected:
            total(expected)
        if not immutable:
            _store_version(version, response)
        with partial.open("ab" if resumed else "wb") as file, contextlib.closing(response):
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                advance(len(chunk))
    return expected


def _version_file(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.version")


def _store_version(version: Path, response: requests.Response) -> None:
    tag = response.headers.get("ETag") or response.headers.get("Last-Modified")
    if tag and not tag.startswith("W/"):
        version.write_text(tag, encoding="utf-8")
    else:
        version.unlink(missing_ok=True)
