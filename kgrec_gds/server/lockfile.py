"""The lock file of the server's jars: which file goes where, and the SHA-256 it must have.

A line is `folder coordinate sha256 bytes`; it holds no address, so that any mirror of Maven Central can serve it.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath

from kgrec_gds.errors import ServerError

FOLDERS = ("lib", "plugins", "tools")


@dataclass(frozen=True, order=True)
class Jar:
    """One jar of Maven Central and where the server wants it."""

    folder: str
    """`lib`; `plugins`, the only folder scanned for procedures; or `tools`, outside the server's classpath."""
    coordinate: str
    """`group:artifact:packaging[:classifier]:version`, as Maven writes it."""
    sha256: str
    bytes: int

    @property
    def path(self) -> PurePosixPath:
        """Path inside a Maven repository."""
        group, artifact, packaging, *classifier, version = self.coordinate.split(":")
        name = "-".join([artifact, version, *classifier])
        return PurePosixPath(*group.split("."), artifact, version, f"{name}.{packaging}")

    @property
    def version(self) -> str:
        """The artifact's version."""
        return self.coordinate.rsplit(":", 1)[1]


def read(text: str | None = None) -> list[Jar]:
    """Read the shipped lock file, or `text` in its format.

    Raises:
        ServerError: a line is not in the format.
    """
    jars = []
    for number, line in enumerate((text if text is not None else _shipped()).splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split()
        if len(fields) != 4 or fields[0] not in FOLDERS or len(fields[2]) != 64 or not fields[3].isdecimal():
            raise ServerError(
                f"jars.lock:{number}: a line should be 'folder coordinate sha256 bytes'; it is {line!r}."
            )
        jars.append(Jar(fields[0], fields[1], fields[2], int(fields[3])))
    return jars


def write(jars: list[Jar]) -> str:
    """The lock file's text, sorted, so that a new lock shows as a small difference."""
    lines = [f"{jar.folder} {jar.coordinate} {jar.sha256} {jar.bytes}" for jar in sorted(jars)]
    return "\n".join(
        ["# Made by `python -m kgrec_gds.server.make_lock`: folder coordinate sha256 bytes", *lines, ""]
    )


def digest() -> str:
    """Fingerprint of the shipped lock file."""
    return hashlib.sha256(_shipped().encode()).hexdigest()


def version_of(project: str) -> str:
    """Locked version of `group:artifact`."""
    return next(jar.version for jar in read() if jar.coordinate.startswith(f"{project}:jar:"))


def _shipped() -> str:
    return resources.files("kgrec_gds.server").joinpath("jars.lock").read_text(encoding="utf-8")
