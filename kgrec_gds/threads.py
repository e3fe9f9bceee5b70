"""Threads of numpy's matrix products."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # it ships no types


def one_blas_thread() -> AbstractContextManager[Any]:
    """One thread for products so small that they lose more to threads waiting for each other than they gain."""
    return _pools().limit(limits=1, user_api="blas")


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()
