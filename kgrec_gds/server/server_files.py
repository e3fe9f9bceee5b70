"""The files of the managed server, and its current data directory."""

import json
import os
import secrets
import shutil
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kgrec_gds import home
from kgrec_gds.errors import ServerError
from kgrec_gds.locks import locked

MAIN = "main"
_UNQUOTED = frozenset('[]{}|,;=\\^`"<>%#?')


class ServerFiles:
    """Paths of one server instance: `main`, or another, such as `import` for neo4j-admin during an import.

    Instances share jars and password, but have their own configuration, logs and process record, so that a second one can
    run beside the main one on other data.
    """

    def __init__(self, root: Path | None = None, instance: str = MAIN) -> None:
        self.root = root or home.server_folder()
        self.instance = instance
        self.lib = self.root / "lib"
        self.plugins = (
            self.root / "plugins"
        )  # jars scanned for procedures: GDS, the project's plugin, ONNX Runtime
        self.plugin_jar = self.plugins / "kgrec.jar"
        self.tools = self.root / "tools"  # the compiler's jar, which the server does not load
        self.imports = self.root / "import"  # what `LOAD CSV` reads
        self.password = self.root / "password"
        self.stamp = self.root / "installed.json"  # fingerprints of what is installed
        own = self.root / "instances" / instance
        self.conf = own / "conf"
        self.logs = own / "logs"
        self.run = own / "run"
        self.temporary = own / "tmp"  # Java's temporary folder
        self.console = self.logs / "console.log"  # output of Neo4j (its user log) and of Java
        self.record = own / "server.json"  # process id, ports and versions of the last start

    @property
    def compiler(self) -> Path:
        """The jar of the Eclipse compiler, once the server is installed."""
        (jar,) = self.tools.glob("ecj-*.jar")
        return jar

    def make(self) -> None:
        """Create the folders, accessible only by their owner.

        Raises:
            ServerError: Java or Neo4j could not use them because of their names.
        """
        # Java's class loader knows no character past U+FFFF, and Neo4j makes addresses of names without quoting them.
        wrong = sorted(
            {it for it in str(self.root) if it > "\uffff" or it in _UNQUOTED or not it.isprintable()}
        )
        if wrong:
            raise ServerError(
                f"The server cannot run in {str(self.root)!r}, whose name holds {' '.join(map(repr, wrong))}. Set KGREC_HOME "
                "to a folder without them."
            )
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in (self.lib, self.plugins, self.tools, self.imports, self.conf, self.logs, self.run):
            folder.mkdir(parents=True, exist_ok=True)

    def empty_temporary(self) -> None:
        """Remove what a killed process of the instance left in its temporary folder; no other may run."""
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir(parents=True, exist_ok=True)

    def lock(self) -> AbstractContextManager[None]:
        """Hold the lock of starting and stopping the instance."""
        return locked(self.root / f"{self.instance}.lock")


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
        if name not in self._names():  # which `..` is not
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
