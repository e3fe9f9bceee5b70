"""The OpenBLAS that numpy brings along: the project's own procedures multiply matrices with it."""

from pathlib import Path


def library() -> Path | None:
    """File of the OpenBLAS that numpy has loaded; None where numpy multiplies by something else (MKL, Accelerate)."""
    import numpy as np  # noqa: F401 - a library is found once it is loaded
    from threadpoolctl import threadpool_info  # type: ignore[import-untyped]  # it ships no types

    return next(
        (Path(found["filepath"]) for found in threadpool_info() if found["internal_api"] == "openblas"), None
    )
