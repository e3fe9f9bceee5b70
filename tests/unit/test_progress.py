import logging
from collections.abc import Iterator

import pytest

from kgrec_gds import progress


@pytest.fixture(autouse=True)
def untouched_logger() -> Iterator[None]:
    level, handlers = progress.logger.level, list(progress.logger.handlers)
    yield
    progress.logger.setLevel(level)
    progress.logger.handlers = handlers


def stages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, float | None]]:
    """Bars after three stages, the second of which ended early: name, steps done, total."""
    from rich.progress import Progress

    made: list[Progress] = []
    initialise = Progress.__init__

    def recorded(self: Progress, *columns: object, **options: object) -> None:
        initialise(self, *columns, **options)  # type: ignore[arg-type]
        made.append(self)

    monkeypatch.setattr(Progress, "__init__", recorded)
    with progress.stage_bars() as callback:
        for done in range(1, 4):
            callback("read", done, 3)
        callback("choose epochs", 4, 30)
        callback("fit", 1, 2)
        callback("fit", 2, 2)
    return [(task.description, task.completed, task.total) for task in made[0].tasks]


def test_every_stage_has_a_bar_that_ends_at_its_total(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stages(monkeypatch) == [("read", 3, 3), ("choose epochs", 4, 4), ("fit", 2, 2)]


def test_messages_are_printed_from_the_given_level(capsys: pytest.CaptureFixture[str]) -> None:
    progress.print_messages(logging.INFO)
    progress.say("Reading [b]transe[/b] vectors :cat:.")
    assert capsys.readouterr().err == "Reading [b]transe[/b] vectors :cat:.\n"
    progress.print_messages(logging.WARNING)
    progress.say("Reading.")
    progress.warn("The protocol leaks.")
    assert capsys.readouterr().err == "The protocol leaks.\n"


def test_messages_and_spinners_hold_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    progress.print_messages(logging.INFO)
    progress.say("\x1b[2J")
    with progress.spinner("[/] \x1b[2J") as update:
        update("[REC] \x1b[2J")
    assert "\x1b[2J" not in capsys.readouterr().err


def test_quiet_hides_bars_and_spinners(capsys: pytest.CaptureFixture[str]) -> None:
    progress.print_messages(logging.WARNING)
    with progress.stage_bars() as callback, progress.spinner("Waiting") as update:
        callback("read", 1, 1)
        update("Still waiting")
    assert capsys.readouterr() == ("", "")


def test_a_timer_adds_up_the_seconds_of_a_stage() -> None:
    timer = progress.Timer()
    with timer.stage("read"):
        pass
    first = timer.seconds["read"]
    with timer.stage("read"), timer.stage("parse"):
        pass
    assert timer.seconds["read"] >= first
    assert set(timer.seconds) == {"read", "parse"}
