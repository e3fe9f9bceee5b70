"""Progress and messages for people, on standard error; standard output belongs to results."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

console = Console(stderr=True, highlight=False)


@contextmanager
def bars(*, shown: bool = True) -> Iterator[Progress]:
    """A rich progress display on standard error, for one or several bars; nothing where it is not to be shown."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not shown) as progress:
        yield progress


def say(message: str) -> None:
    """One message for the person at the terminal."""
    console.print(message, markup=False, soft_wrap=True)


class Timer:
    """Seconds by room, for the `seconds` of every command's `--json`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 4)
