"""The OpenBLAS library of numpy, with which the project's procedures multiply matrices."""

from pathlib import Path


def library() -> Path | None:
    """File of numpy's OpenBLAS; None if numpy uses another library (MKL, Accelerate)."""
    import numpy as np  # noqa: F401 - only loaded libraries are found
    from threadpoolctl import threadpool_info  # type: ignore[import-untyped]  # it ships no types

    return next(
        (Path(found["filepath"]) for found in threadpool_info() if found["internal_api"] == "openblas"), None
    )
