"""Where the managed server's files lie, and which data directory is the current one."""

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
    """Layout of one server under `home.server_folder()`.

    Programs and password are shared; configuration, logs and process record are an instance's own, so that a
    second instance can run beside the main one on other data.
    """

    root: Path = field(default_factory=home.server_folder)
    """Folder of all managed servers of this home."""
    instance: str = MAIN
    """`main`, which serves, or another, such as one that checks an import."""

    @property
    def lib(self) -> Path:
        """Jars of the server."""
        return self.root / "lib"

    @property
    def plugins(self) -> Path:
        """Jars scanned for procedures: GDS and our own."""
        return self.root / "plugins"

    @property
    def tools(self) -> Path:
        """Jars that the server does not load: the compiler."""
        return self.root / "tools"

    @property
    def imports(self) -> Path:
        """Folder that `LOAD CSV` may read."""
        return self.root / "import"

    @property
    def password(self) -> Path:
        """File that holds the password alone, readable by its owner only."""
        return self.root / "password"

    @property
    def stamp(self) -> Path:
        """What is installed."""
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
        """The instance's folder for run-time files of Neo4j."""
        return self._own / "run"

    @property
    def console(self) -> Path:
        """What Neo4j prints: its user log, and Java's own complaints."""
        return self.logs / "console.log"

    @property
    def record(self) -> Path:
        """Process id, ports and versions of the instance's last start."""
        return self._own / "server.json"

    def make(self) -> None:
        """Make the folders; only their owner may look into them."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in (self.lib, self.plugins, self.tools, self.imports, self.conf, self.logs, self.run):
            folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def lock(self, name: str = "lock") -> Iterator[None]:
        """Hold this home's lock; others wait. The system frees it when the holder dies."""
        with locked(self.root / name):
            yield


class DataFolders:
    """The data directories of a home; one of them is current, and one rename makes another so.

    `data/current` holds the current one's name. `switch` replaces that small file in one atomic rename, so that
    there is no moment, `kill -9` included, at which a home has no current data or half of two.
    """

    def __init__(self, files: ServerFiles | None = None) -> None:
        self.root = (files or ServerFiles()).root / "data"
        self._pointer = self.root / "current"

    def current(self) -> Path:
        """The data directory that the main server serves, made where there is none yet."""
        if not self._pointer.is_file():
            self.switch(self.fresh())
        name = self._pointer.read_text(encoding="utf-8").strip()
        folder = self.root / name
        if not name or not folder.is_dir():
            raise ServerError(
                f"{self._pointer} should name a folder beside it; it says {name!r}. "
                f"There are: {', '.join(self._names()) or 'none'}. Write one of them into the file, or remove it to start empty."
            )
        return folder

    def fresh(self) -> Path:
        """Make a new, empty data directory beside the current one."""
        folder = self.root / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        folder.mkdir(parents=True)
        return folder

    def switch(self, folder: Path) -> None:
        """Make `folder` the current one; no server may run on either."""
        if folder.parent != self.root:
            raise ServerError(f"A data directory should lie in {self.root}; {folder} does not.")
        write_text(self._pointer, f"{folder.name}\n")

    def remove_others(self) -> list[str]:
        """Remove every data directory but the current one, and return their names."""
        current = self.current().name
        others = [name for name in self._names() if name != current]
        for name in others:
            shutil.rmtree(self.root / name, ignore_errors=True)
        return others

    def _names(self) -> list[str]:
        return sorted(path.name for path in self.root.glob("*/")) if self.root.is_dir() else []


def write_text(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a small file whole or not at all, through to the disk; `mode` holds from its first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(3)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """A small JSON object; empty where the file is absent or torn."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
