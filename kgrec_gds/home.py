"""Where the tool keeps things: its home (server, database, runs) and, apart from it, the cache of jars."""

import os
from pathlib import Path

import platformdirs

HOME_VARIABLE = "KGREC_HOME"
CACHE_VARIABLE = "KGREC_CACHE"


def home() -> Path:
    """Folder of the managed server, its database and the model runs; `KGREC_HOME` moves it."""
    configured = os.environ.get(HOME_VARIABLE)
    return Path(configured).expanduser().resolve() if configured else platformdirs.user_data_path("kgrec-gds")


def cache() -> Path:
    """Folder of downloaded jars, shared by all homes; `KGREC_CACHE` moves it."""
    configured = os.environ.get(CACHE_VARIABLE)
    return (
        Path(configured).expanduser().resolve() if configured else platformdirs.user_cache_path("kgrec-gds")
    )


def server_folder() -> Path:
    """Folder of the managed Neo4j: configuration, plugins, logs, data and the password file."""
    return home() / "server"


def runs_folder() -> Path:
    """Folder of the model runs, one folder a run, named by its model id."""
    return home() / "runs"
