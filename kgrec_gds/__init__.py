"""kgrec-gds: a graph-native movie recommender on Neo4j and the Graph Data Science library.

The Python API mirrors the commands: `connect`, `import_`, `embed`, `train`, `predict`, `recommend`, `explain`, `rate`,
`similar`; `kgrec_gds.api` holds what each takes and gives. Nothing heavy is loaded before a call needs it.
"""

import importlib
import os
import sys
from importlib.metadata import version
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kgrec_gds.api import (
        Graph,
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
    "Graph",
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

#: Calls that bear the name of the room they enter.
_ROOMS = ("embed", "explain", "predict", "recommend", "train")


class _Room(ModuleType):
    """A room's package that can be called, as its call of the Python API.

    Python puts a subpackage under its name on this package whenever one is imported, so a function of that name
    would be lost; the package itself is the one thing that can stand there.
    """

    @property
    def __signature__(self) -> Any:
        import inspect

        return inspect.signature(self._call())

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._call()(*args, **options)

    def _call(self) -> Any:
        return getattr(importlib.import_module("kgrec_gds.api"), self.__name__.rpartition(".")[2])


class _Package(ModuleType):
    """This package, which makes its rooms callable as they come in."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _ROOMS and type(value) is ModuleType:
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    """Load a name of the API when it is first asked for."""
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name in __all__:
        return getattr(importlib.import_module("kgrec_gds.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
