"""kgrec-gds: a movie recommender on Neo4j and Graph Data Science that explains its predictions.

`kg = kgrec_gds.connect()` gives a `KnowledgeGraph`, whose methods are the commands of `kgrec-gds`. Nothing heavy is
imported before it is used.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kgrec_gds import errors
    from kgrec_gds.client import KnowledgeGraph, connect
    from kgrec_gds.errors import KgrecError

    __version__: str

__all__ = ["KgrecError", "KnowledgeGraph", "__version__", "connect", "errors"]

# OpenMP reads this when any library first loads it. Its threads spin while they wait by default, which makes
# scikit-learn's boosting ten times slower on a machine that is busy with anything else.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("kgrec-gds")
    if name == "errors":
        return importlib.import_module("kgrec_gds.errors")
    if name in __all__:
        module = "kgrec_gds.errors" if name == "KgrecError" else "kgrec_gds.client"
        return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
