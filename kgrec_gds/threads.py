"""Threads of numpy's matrix products and of scikit-learn's trees."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # it ships no types


def one_blas_thread() -> AbstractContextManager[Any]:
    """One thread for products so small that they lose more to threads waiting for each other than they gain."""
    return _pools("blas").limit(limits=1, user_api="blas")


def one_openmp_thread() -> AbstractContextManager[Any]:
    """The same for scikit-learn's loops; ask once it is imported, since its library is looked for only once."""
    return _pools("openmp").limit(limits=1, user_api="openmp")


@cache
def _pools(user_api: str) -> ThreadpoolController:
    return ThreadpoolController().select(user_api=user_api)
