"""kgrec-gds: a graph-native movie recommender on Neo4j and the Graph Data Science library.

The Python API mirrors the commands: `connect`, `import_`, `embed`, `train`, `predict`, `recommend`, `explain`, `rate`,
`similar`; `kgrec_gds.client` holds what each takes and gives. Nothing heavy is loaded before a call needs it.
"""

import importlib
import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kgrec_gds.client import (
        connect,
        embed,
        explain,
        frame,
        import_,
        predict,
        predictions,
        rate,
        recommend,
        similar,
        train,
    )

__all__ = [
    "__version__",
    "connect",
    "embed",
    "explain",
    "frame",
    "import_",
    "predict",
    "predictions",
    "rate",
    "recommend",
    "similar",
    "train",
]

# Read when OpenMP is first loaded, by whichever library. Its threads spin while they wait by default, which makes
# scikit-learn's boosting ten times slower on a machine that does anything else beside.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = version("kgrec-gds")


def __getattr__(name: str) -> Any:
    """Load a name of the API when it is first asked for."""
    if name in __all__:
        return getattr(importlib.import_module("kgrec_gds.client"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
