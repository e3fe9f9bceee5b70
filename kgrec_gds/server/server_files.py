"""The files of the managed server, and its current data directory."""

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kgrec_gds import home
from kgrec_gds.errors import ServerError
from kgrec_gds.locks import locked

MAIN = "main"


@dataclass(frozen=True)
class ServerFiles:
    """Paths of one server instance.

    Instances share jars and password, but have their own configuration, logs and process record, so that a second one can
    run beside the main one on other data.
    """

    root: Path = field(default_factory=home.server_folder)
    """Folder of all instances of this home."""
    instance: str = MAIN
    """`main`, or another, such as `import` to verify an import."""

    @property
    def lib(self) -> Path:
        """Jars of the server."""
        return self.root / "lib"

    @property
    def plugins(self) -> Path:
        """Jars scanned for procedures: GDS and the project's plugin."""
        return self.root / "plugins"

    @property
    def plugin_jar(self) -> Path:
        """The project's plugin."""
        return self.plugins / "kgrec.jar"

    @property
    def tools(self) -> Path:
        """Jars not loaded by the server: the compiler."""
        return self.root / "tools"

    @property
    def imports(self) -> Path:
        """Folder that `LOAD CSV` reads."""
        return self.root / "import"

    @property
    def password(self) -> Path:
        """File with the password, readable only by its owner."""
        return self.root / "password"

    @property
    def stamp(self) -> Path:
        """Fingerprints of what is installed."""
        return self.root / "installed.json"

    @property
    def _own(self) -> Path:
        return self.root / "instances" / self.instance

    @property
    def conf(self) -> Path:
        """The instance's configuration folder."""
        return self._own / "conf"

    @property
    def logs(self) -> Path:
        """The instance's logs."""
        return self._own / "logs"

    @property
    def run(self) -> Path:
        """The instance's run-time files."""
        return self._own / "run"

    @property
    def console(self) -> Path:
        """Output of Neo4j (its user log) and of Java."""
        return self.logs / "console.log"

    @property
    def record(self) -> Path:
        """Process id, ports and versions of the instance's last start."""
        return self._own / "server.json"

    def make(self) -> None:
        """Create the folders, accessible only by their owner."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in (self.lib, self.plugins, self.tools, self.imports, self.conf, self.logs, self.run):
            folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def lock(self, name: str = "lock") -> Iterator[None]:
        """Hold a lock of this home; others wait. The system releases it if its holder dies."""
        with locked(self.root / name):
            yield


class DataFolders:
    """The data directories of a home, one of which is current.

    The file `data/current` names it. `switch` replaces that file by an atomic rename, so that a home always has exactly
    one complete current directory, even after `kill -9`.
    """

    def __init__(self, files: ServerFiles | None = None) -> None:
        self.root = (files or ServerFiles()).root / "data"
        self._pointer = self.root / "current"

    def current(self) -> Path:
        """The data directory that the main server serves, created if there is none."""
        if not self._pointer.is_file():
            self.switch(self.fresh())
        name = self._pointer.read_text(encoding="utf-8").strip()
        folder = self.root / name
        if not name or not folder.is_dir():
            raise ServerError(
                f"{self._pointer} names {name!r}; expected one of the folders next to it: "
                f"{', '.join(self._names()) or '(none)'}. Write one of them into the file, or remove it to start empty."
            )
        return folder

    def fresh(self) -> Path:
        """Create a new, empty data directory next to the current one."""
        folder = self.root / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        folder.mkdir(parents=True)
        return folder

    def switch(self, folder: Path) -> None:
        """Make `folder` the current directory; no server may use either."""
        if folder.parent != self.root:
            raise ServerError(f"Invalid data directory {folder}; expected a folder in {self.root}.")
        write_text(self._pointer, f"{folder.name}\n")

    def remove_others(self) -> list[str]:
        """Remove all data directories except the current one, and return their names."""
        current = self.current().name
        others = [name for name in self._names() if name != current]
        for name in others:
            shutil.rmtree(self.root / name, ignore_errors=True)
        return others

    def _names(self) -> list[str]:
        return sorted(path.name for path in self.root.glob("*/")) if self.root.is_dir() else []


def write_text(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a small file atomically and durably; `mode` applies from its first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(3)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; empty if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
