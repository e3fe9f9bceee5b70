"""A seeded campaign of faulty tables and ratings: each case is refused clearly, set aside, or right, and never wrong.

`make test` runs a fixed small part, `make faults` 400 cases; KGREC_FUZZ_CASES and KGREC_FUZZ_SEED choose others.
"""

import csv
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.cleaning import CleaningResult, CleaningRules, clean
from kgrec_gds.errors import InputError
from tests.faults import reference
from tests.faults.fuzz_cases import draw
from tests.faults.small_data import RATINGS, Case, clean_tables, encoded, sound

FIRST = int(os.environ.get("KGREC_FUZZ_SEED", "0"))
CASES = int(os.environ.get("KGREC_FUZZ_CASES", "30"))
SECONDS = 60
KEYS = {"ratings": ("userId", "tconst", "rating", "ratedAt")}


@pytest.fixture(scope="module")
def outcomes() -> Iterator[Counter[str]]:
    counted: Counter[str] = Counter()
    yield counted
    figures = ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
    sys.stderr.write(f"\nfuzz campaign, seeds {FIRST} to {FIRST + CASES - 1}: {figures}\n")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("base")
    case = Case("base", {name: encoded(rows, name) for name, rows in sound().items()}, "", "right")
    case.write(folder / "imdb")
    return clean_tables(clean(folder / "imdb", None, CleaningRules(), out=folder / "out"))


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + CASES))
def test_a_faulty_input_is_refused_set_aside_or_right(
    seed: int, tmp_path: Path, base: dict[str, list[dict[str, Any]]], outcomes: Counter[str]
) -> None:
    case = draw(seed)
    case.write(tmp_path / "imdb")
    outcome = judge(case, tmp_path, base)
    assert case.expected in ("any", outcome), case.name
    outcomes[outcome] += 1


def judge(case: Case, folder: Path, base: dict[str, list[dict[str, Any]]]) -> str:
    """`refused`, `set aside` or `right`; anything else raises, with the name of the case."""
    try:
        result = clean(folder / "imdb", None, CleaningRules(), out=folder / "out")
    except InputError as error:
        message = str(error)
        assert case.changed.split(".tsv")[0].split(".csv")[0] in message, (case.name, message)
        assert re.search(case.pattern, message), (case.name, message)
        assert len(message) < 1500, (case.name, len(message))
        assert not (folder / "out").exists(), case.name
        return "refused"
    tables = clean_tables(result)
    check_counts(result, case)
    faults = [entry for entry in quarantined(result) if entry["kind"] in ("fault", "unknown")]
    if (
        case.changed == "title.basics.tsv"
    ):  # what refers to a title that is not there any more is set aside too
        faults = [it for it in faults if it["file"] == case.changed or it["reason"] != "unknown_title"]
    assert {entry["file"] for entry in faults} <= {case.changed}, (case.name, faults)
    if case.changed == RATINGS:
        check_ratings(case, tables, base, faults)
    if case.line:
        check_line(case, tables, base, faults)
    elif case.expected == "right":
        assert tables == base, case.name
    return "set aside" if faults else "right"


def quarantined(result: CleaningResult) -> list[dict[str, str]]:
    with result.quarantine_path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_counts(result: CleaningResult, case: Case) -> None:
    for name, count in result.report["tables"].items():
        gone = sum(sum(count[kind].values()) for kind in ("faults", "unknown", "removed"))
        assert count["rows_in"] == count["rows_kept"] + gone, (case.name, name)


def check_line(
    case: Case,
    tables: dict[str, list[dict[str, Any]]],
    base: dict[str, list[dict[str, Any]]],
    faults: list[Any],
) -> None:
    """Only what depends on the changed line differs."""
    if case.expected == "set aside":
        assert [int(entry["line"]) for entry in faults if int(entry["line"]) == case.line], case.name
    assert {int(entry["line"]) for entry in faults} <= {case.line}, (case.name, faults)
    if case.check is not None:
        case.check(tables)
    if case.changed == RATINGS:
        return
    touched = {
        value for text in (*case.before, *case.fields) for value in re.findall(r"(?:tt|nm)\d{7}", text)
    }
    # People of a touched movie may lose a role.
    for relation in ("acted_in", "directed", "wrote"):
        touched |= {row["nconst"] for row in base[relation] if row["tconst"] in touched}

    def rest(of: dict[str, list[dict[str, Any]]], table: str) -> list[dict[str, Any]]:
        return [row for row in of[table] if not touched & {str(row.get("tconst")), str(row.get("nconst"))}]

    for table in ("movies", "persons", "acted_in", "directed", "wrote", "ratings", "has_genre"):
        assert rest(tables, table) == rest(base, table), (case.name, table)


def check_ratings(
    case: Case,
    tables: dict[str, list[dict[str, Any]]],
    base: dict[str, list[dict[str, Any]]],
    faults: list[Any],
) -> None:
    """Ratings of unchanged lines are all there, and every other one is what a changed line says."""
    content = case.files[RATINGS]
    assert content is not None
    if case.expected == "right" and not case.line:
        return
    known = {row["tconst"] for row in base["movies"]}
    lines = content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    unchanged = {",".join(row) for row in sound()[RATINGS][1:]} & set(lines)
    expected = [reference.rating(line.split(",")) for line in unchanged]
    given = {tuple(row.values()) for row in tables["ratings"]}
    changed = [reference.rating(fields) for fields in ([case.fields] if case.line else parsed(lines))]
    allowed = {
        tuple(row.values()) for row in (*expected, *changed) if row is not None and row["tconst"] in known
    }
    assert given <= allowed, (case.name, given - allowed)
    pairs = {row[:2] for row in given}
    lost = {tuple(row.values())[:2] for row in expected if row is not None} - pairs
    assert not lost, (case.name, lost)
    if case.line:
        assert given >= {row for row in allowed if row[:2] not in {other[:2] for other in allowed - {row}}}, (
            case.name
        )


def parsed(lines: list[str]) -> list[list[str]]:
    """Every reading of the lines: with quotes, without, and over line breaks."""
    found = [line.split(",") for line in lines]
    for at in range(len(lines)):
        for span in (1, 2, 3):
            with suppress(csv.Error):
                found += list(csv.reader(["\n".join(lines[at : at + span])], skipinitialspace=True))
    return found
