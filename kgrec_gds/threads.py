"""Limits on the threads of numpy's matrix products (BLAS) and of scikit-learn's loops (OpenMP)."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # it ships no types


def one_blas_thread() -> AbstractContextManager[Any]:
    """Use one thread for matrix products so small that starting more costs more than it gains."""
    return _pools("blas").limit(limits=1, user_api="blas")


def one_openmp_thread() -> AbstractContextManager[Any]:
    """Use one thread in scikit-learn's loops; call it after importing scikit-learn, which is looked up only once."""
    return _pools("openmp").limit(limits=1, user_api="openmp")


@cache
def _pools(user_api: str) -> ThreadpoolController:
    return ThreadpoolController().select(user_api=user_api)
