"""Folders of the tool: its home (server, database, model runs) and the cache of downloaded jars."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

HOME_VARIABLE = "KGREC_HOME"
CACHE_VARIABLE = "KGREC_CACHE"


def home() -> Path:
    """Folder of the managed server, its database and the model runs; `KGREC_HOME` overrides it."""
    return _folder(HOME_VARIABLE) or platformdirs.user_data_path("kgrec-gds")


def cache() -> Path:
    """Folder of downloaded jars, shared by all homes; `KGREC_CACHE` overrides it."""
    return _folder(CACHE_VARIABLE) or platformdirs.user_cache_path("kgrec-gds")


def server_folder() -> Path:
    """Folder of the managed Neo4j: configuration, plugins, logs, data and the password file."""
    return home() / "server"


def runs_folder() -> Path:
    """Folder of the model runs, one subfolder per run, named by its model id."""
    return home() / "runs"


def import_folder() -> Path:
    """Folder of the clean tables and the CSV files of the last import."""
    return home() / "import"


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Make every new file and folder readable only by its owner: they tell what persons have watched."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _folder(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).expanduser().resolve() if value else None
