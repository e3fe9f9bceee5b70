"""The lock file of the server's jars: the folder and the SHA-256 of each.

A line is `folder coordinate sha256 bytes`, without an address, so that any mirror of Maven Central will do.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath

from kgrec_gds.errors import ServerError

FOLDERS = ("lib", "plugins", "tools")


@dataclass(frozen=True, order=True)
class Jar:
    """One jar of Maven Central and its folder in the server."""

    folder: str
    """`lib` (Neo4j itself), `plugins` (what Neo4j alone lacks: GDS, ONNX Runtime) or `tools` (not on the classpath)."""
    coordinate: str
    """`group:artifact:packaging[:classifier]:version`."""
    sha256: str
    bytes: int

    @property
    def path(self) -> PurePosixPath:
        """Path in a Maven repository."""
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
        ServerError: a line has another format.
    """
    jars = []
    for number, line in enumerate((text if text is not None else _shipped()).splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split()
        if len(fields) != 4 or fields[0] not in FOLDERS or len(fields[2]) != 64 or not fields[3].isdecimal():
            raise ServerError(
                f"jars.lock:{number}: unexpected line {line!r}; expected 'folder coordinate sha256 bytes'."
            )
        jars.append(Jar(fields[0], fields[1], fields[2], int(fields[3])))
    return jars


def write(jars: list[Jar]) -> str:
    """The text of a lock file, sorted so that changes give small diffs."""
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
