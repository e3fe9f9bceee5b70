"""Folders of the tool: its home (server, database, model runs) and the cache of downloaded jars."""

import os
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


def _folder(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).expanduser().resolve() if value else None
