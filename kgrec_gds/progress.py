"""Progress bars and messages on standard error; standard output is for results.

Messages go to the logger `kgrec_gds`: the command line prints them (`-q` hides them, `-v` adds the queries sent), and in
Python `logging.basicConfig(level="INFO")` shows them. Above the level INFO the bars are hidden too.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from kgrec_gds.terminal import literal, literal_console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    console: Console
    """Standard error; made on first use, since rich takes a while to import."""

Callback = Callable[[str, int, int], None]
"""Called with the name of a stage, its steps done, and their total."""

logger = logging.getLogger("kgrec_gds")


def __getattr__(name: str) -> Any:
    if name == "console":
        return _console()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _console() -> "Console":
    return literal_console(stderr=True)


def say(message: str) -> None:
    """Log a message at level INFO."""
    logger.info("%s", message)


def warn(message: str) -> None:
    """Log a message at level WARNING: it is shown even with `-q`."""
    logger.warning("%s", message)


def quiet() -> bool:
    """Whether bars and spinners are hidden."""
    return logger.level > logging.INFO


@contextmanager
def bars(*, shown: bool = True) -> Iterator["Progress"]:
    """A display for one or more progress bars."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_console(), disable=not shown or quiet()) as progress:
        yield progress


@contextmanager
def stage_bars(*, shown: bool = True) -> Iterator[Callback]:
    """A callback that shows each stage as one bar.

    A stage that ends early, such as training that stops before its last epoch, ends its bar at the steps it took.
    """
    with bars(shown=shown) as display:
        tasks: dict[str, Any] = {}

        def finish(stage: str) -> None:
            (task,) = (task for task in display.tasks if task.id == tasks[stage])
            display.update(task.id, total=max(task.completed, 1), completed=max(task.completed, 1))

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for earlier in tasks:
                    finish(earlier)
                tasks[stage] = display.add_task(stage, total=total)
            display.update(tasks[stage], completed=done, total=total)

        yield report
        for stage in tasks:
            finish(stage)


@contextmanager
def spinner(message: str) -> Iterator[Callable[[str], None]]:
    """A spinner beside a message; the value is a function that replaces the message."""
    if quiet():
        yield lambda _: None
        return
    from rich.text import Text

    with _console().status(Text(literal(message))) as status:
        yield lambda replaced: status.update(Text(literal(replaced)))


def print_messages(level: int) -> None:
    """Print the messages of at least this level on standard error; for the command line."""
    for handler in [it for it in logger.handlers if isinstance(it, _ConsoleHandler)]:
        logger.removeHandler(handler)
    logger.addHandler(_ConsoleHandler())
    # Without a handler Python prints the driver's warnings too; what matters in them is in our errors.
    logging.getLogger("neo4j").addHandler(logging.NullHandler())
    logger.setLevel(level)


class _ConsoleHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _console().print(self.format(record), soft_wrap=True)


class Timer:
    """Seconds by stage, the `seconds` of every command's `--json`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to the stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 4)
