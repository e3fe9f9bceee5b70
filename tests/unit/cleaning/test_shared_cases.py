"""Files that people have, each imported as `shared/cases/cases.tsv` says.

The cleaning step runs for all of them, by the function and with the rules that `import` uses; a few run through the whole
command in `tests/unit/cli/test_import.py`.
"""

import csv
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import click
import pytest

from kgrec_gds.cleaning import CleaningResult, CleaningRules, clean
from kgrec_gds.cli.import_ import import_
from kgrec_gds.errors import InputError

CASES = Path(__file__).parents[4] / "shared" / "cases"
ROWS = (
    list(csv.DictReader((CASES / "cases.tsv").open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))
    if (CASES / "cases.tsv").is_file()
    else []
)


@pytest.fixture
def imported(tmp_path: Path, rows: Any) -> Any:
    def run(case: dict[str, str]) -> CleaningResult:
        folder = tmp_path / "imdb"
        shutil.copytree(CASES / "base", folder)
        for changed in sorted((CASES / case["case"]).glob("*")):
            shutil.copyfile(changed, folder / changed.name)
        name, _, what = case["files changed"].partition(" is a ")
        if what:
            (folder / name).unlink()
        if what.startswith("link"):
            (folder / name).symlink_to(folder / "nowhere")
        elif what == "folder":
            (folder / name).mkdir()
        parsed = click.Context(import_)
        import_.parse_args(parsed, shlex.split(case["options"]))
        given = {
            it: parsed.params[it] for it in ("user", "rating_scale") if parsed.params.get(it) is not None
        }
        ratings = parsed.params["ratings"]
        return clean(
            folder, folder / ratings if ratings else None, CleaningRules(**given), out=tmp_path / "out"
        )

    return run


@pytest.mark.skipif(not ROWS, reason="no shared cases beside this checkout")
@pytest.mark.parametrize("case", ROWS, ids=[row["case"] for row in ROWS])
def test_a_case_comes_out_as_cases_tsv_says(
    case: dict[str, str], imported: Any, rows: Any, quarantined: Any
) -> None:
    expected = case["what must become of it"]
    if "clear refusal" in expected:
        (pattern,) = re.findall(r"/(.*)/", expected)
        with pytest.raises(InputError, match=pattern):
            imported(case)
        return
    result = imported(case)
    if counted := re.search(r"(\d+) ratings arrive", expected):
        assert result.counts["ratings"] == int(counted[1])
    if said := re.search(r"says so: /(.*)/", expected):
        assert re.search(said[1], "\n".join(result.report["warnings"]))
    if "set aside as a fault" in expected:
        faults = [entry for entry in quarantined(result) if entry["kind"] == "fault"]
        assert faults
        assert all(entry["file"] and entry["line"] and entry["reason"] for entry in faults)
    if "read as the number" in expected:
        tconst, minutes = re.findall(r"'([^']*)'", expected)
        assert {row["tconst"]: row["runtimeMinutes"] for row in rows(result, "movies")}[tconst] == int(
            minutes
        )
