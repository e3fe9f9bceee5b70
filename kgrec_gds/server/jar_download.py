"""Download jars from Maven Central into the cache: in parallel, resumable, and verified by SHA-256.

jgo's configuration names the repositories, by default Maven Central: a section `[repositories]` in `~/.config/jgo.conf`
(or in the file named by `JGO_CONFIG_FILE`) with a line `central = …` replaces it by a mirror. Proxies and certificates
come from the usual environment variables (`HTTPS_PROXY`, `REQUESTS_CA_BUNDLE`).
"""

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from kgrec_gds import home
from kgrec_gds.download import byte_bars, download
from kgrec_gds.errors import InputError, ServerError
from kgrec_gds.server.lockfile import Jar

PARALLEL = 6


def repositories() -> dict[str, str]:
    """Name and address of each Maven repository, in order.

    Raises:
        ServerError: jgo is not installed.
    """
    try:
        from jgo.config import GlobalSettings
        from jgo.constants import MAVEN_CENTRAL_URL
    except ImportError as error:
        raise ServerError(
            "The managed server requires jgo, which is not installed. Run: pip install 'kgrec-gds[server]'."
        ) from error
    return {"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories


def cached_path(jar: Jar) -> Path:
    """Path of a jar in the cache, where it appears when complete and verified."""
    return home.cache() / "jars" / jar.path


def download_jars(jars: Iterable[Jar], addresses: Iterable[str] | None = None) -> int:
    """Download the jars that the cache lacks, by default from `repositories`, and return their number.

    Raises:
        ServerError: a jar cannot be downloaded, or its SHA-256 differs from the lock file.
    """
    missing = [jar for jar in jars if not cached_path(jar).is_file()]
    if not missing:
        return 0
    servers = [address.rstrip("/") for address in (addresses or repositories().values())]
    with byte_bars() as bars, requests.Session() as session:
        task = bars.add_task(f"Downloading {len(missing)} jars", total=sum(jar.bytes for jar in missing))
        pool = ThreadPoolExecutor(PARALLEL)
        try:
            jobs = [
                pool.submit(_download, jar, servers, session, lambda count: bars.advance(task, count))
                for jar in missing
            ]
            for job in jobs:
                job.result()
        finally:
            # After a failure or an interrupt, downloads that have not started are cancelled.
            pool.shutdown(wait=True, cancel_futures=True)
    return len(missing)


def _download(
    jar: Jar, servers: list[str], session: requests.Session, advance: Callable[[int], None]
) -> None:
    def problem_with(path: Path) -> str | None:
        found = sha256(path)
        return None if found == jar.sha256 else f"its SHA-256 is {found}, expected {jar.sha256}"

    target = cached_path(jar)
    target.parent.mkdir(parents=True, exist_ok=True)
    urls = [f"{server}/{jar.path}" for server in servers]
    try:
        download(urls, target, session, advance, immutable=True, problem_with=problem_with)
    except InputError as error:
        raise ServerError(
            f"{jar.coordinate}: {error} Behind a firewall, name a mirror of Maven Central in ~/.config/jgo.conf: under "
            "[repositories], central = ADDRESS."
        ) from error


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
