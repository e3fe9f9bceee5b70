"""Jars from Maven Central into the cache: side by side, resumed where they stopped, checked against their SHA-256.

Which repository serves them is jgo's configuration, and Maven Central where there is none: a section
`[repositories]` in `~/.config/jgo.conf` (or the file that `JGO_CONFIG_FILE` names) with a line `central = …`
puts a mirror in its place. Proxies and certificates come from the usual environment variables (`HTTPS_PROXY`,
`REQUESTS_CA_BUNDLE`).
"""

import hashlib
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from kgrec_gds import home
from kgrec_gds.download import Progress as Report
from kgrec_gds.download import go_on
from kgrec_gds.errors import ServerError
from kgrec_gds.progress import console
from kgrec_gds.server.lockfile import Jar

SIDE_BY_SIDE = 6
ATTEMPTS = 5


def repositories() -> dict[str, str]:
    """Name and address of each Maven repository to ask, in order.

    Raises:
        ServerError: jgo is not installed.
    """
    try:
        from jgo.config import GlobalSettings
        from jgo.constants import MAVEN_CENTRAL_URL
    except ImportError as error:
        raise ServerError(
            "The managed server needs the extra `server`: pip install 'kgrec-gds[server]'."
        ) from error
    return {"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories


def cached_path(jar: Jar) -> Path:
    """Where the cache keeps a jar; it is there only when whole and checked."""
    return home.cache() / "jars" / jar.path


def fetch(jars: Iterable[Jar], addresses: Iterable[str] | None = None) -> int:
    """Bring the jars that the cache lacks.

    Args:
        jars: what is wanted.
        addresses: repositories to ask, in order; those of `repositories` by default.

    Returns:
        How many were missing.

    Raises:
        ServerError: a jar cannot be had, or is not the one that was locked.
    """
    missing = [jar for jar in jars if not cached_path(jar).is_file()]
    if not missing:
        return 0
    servers = [address.rstrip("/") for address in (addresses or repositories().values())]
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with (
        Progress(*columns, TimeRemainingColumn(), console=console) as progress,
        requests.Session() as session,
    ):
        task = progress.add_task(f"Jars to download: {len(missing)}", total=sum(jar.bytes for jar in missing))
        pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        try:
            jobs = [
                pool.submit(_bring, jar, servers, session, lambda count: progress.advance(task, count))
                for jar in missing
            ]
            for job in jobs:
                job.result()
        finally:
            # After a failure or an interrupt, what has not begun is dropped; partial files stay for the next time.
            pool.shutdown(wait=True, cancel_futures=True)
    return len(missing)


def _bring(jar: Jar, servers: list[str], session: requests.Session, advance: Callable[[int], None]) -> None:
    target = cached_path(jar)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.part")
    if partial.is_file():
        advance(partial.stat().st_size)
    report = Report(total=lambda _: None, advance=advance)
    problem = "no repository was asked"
    for attempt in range(ATTEMPTS):
        time.sleep(attempt and 2 ** (attempt - 1) * 0.25)
        server = servers[attempt % len(servers)]
        try:
            # A jar never changes under its address; whether it is the right one, its SHA-256 decides.
            go_on(f"{server}/{jar.path}", partial, session, report, changes=False)
        except requests.RequestException as error:
            problem = str(error)
            continue
        if (size := partial.stat().st_size) < jar.bytes:
            problem = f"only {size:,} of {jar.bytes:,} bytes came"
            continue
        if sha256(partial) == jar.sha256:
            partial.replace(target)
            return
        problem = f"its SHA-256 is {sha256(partial)}, not the locked {jar.sha256}"
        advance(-size)
        partial.unlink()
    raise ServerError(
        f"{jar.coordinate} could not be downloaded in {ATTEMPTS} attempts: {problem}. "
        "Run the command again to go on where it stopped; behind a firewall, name a mirror of Maven Central in ~/.config/jgo.conf: "
        "under [repositories], central = ADDRESS."
    )


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
