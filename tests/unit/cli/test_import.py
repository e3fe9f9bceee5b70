import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main
from kgrec_gds.cli.import_ import summary
from kgrec_gds.loading.bolt import TableOutcome
from kgrec_gds.synthetic import SyntheticDataSettings, generate
from kgrec_gds.workflows.import_ import ImportResult


@pytest.mark.parametrize(
    ("predictions", "ratings", "outdated"),
    [
        (5, TableOutcome(new=1), True),
        (5, TableOutcome(changed=1), True),
        (5, TableOutcome(unchanged=7), False),
        (0, TableOutcome(new=1), False),
    ],
)
def test_the_summary_says_if_predictions_predate_the_new_ratings(
    predictions: int, ratings: TableOutcome, outdated: bool
) -> None:
    result = ImportResult(
        mode="update",
        nodes={"Movie": 3},
        relationships={"RATED": 8, "PREDICTED_RATING": predictions},
        tables={},
        quality_report=Path("quality.json"),
        quarantine=Path("quarantine.csv"),
        rows={"movies": TableOutcome(new=3), "ratings": ratings},
    )
    assert ("kgrec-gds predict" in summary(result)) == outdated


def imported(imdb: Path, out: Path, *options: object) -> tuple[int, str]:
    arguments = ["import", "--imdb", imdb, "--csv-only", "--csv-dir", out, *options]
    result = CliRunner().invoke(main, [str(it) for it in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, " ".join(result.output.split())


def test_strange_ratings_end_in_one_sentence_or_are_read(tmp_path: Path) -> None:
    generate(tmp_path / "imdb", SyntheticDataSettings(users=20, movies=40, ratings_per_user=8))
    ratings = tmp_path / "r.csv"
    header = "Const,Your Rating,Date Rated\n"
    ratings.write_text(header + "".join(f"tt{n:07d},{n % 10 + 1},2020-01-02\n" for n in (1, 2, 3, 9_000_001)))
    given = (tmp_path / "imdb", tmp_path / "out", "--ratings", ratings)
    code, output = imported(*given)
    assert code == 1
    assert "--user NAME" in output
    code, output = imported(*given, "--user", "me")
    assert code == 0
    assert "Warning: 1 of the 4 valid ratings" in output
    assert re.search(r"\b3 RATED", output)
    ratings.unlink()
    os.mkfifo(ratings)
    code, output = imported(*given, "--user", "me")
    assert code == 1
    assert "is a pipe (FIFO)" in output
    ratings.unlink()
    ratings.symlink_to("nowhere")
    code, output = imported(*given, "--user", "me")
    assert code == 1
    assert f"{ratings} is a broken link".replace(" ", "") in output.replace(" ", "")


def test_half_stars_are_read_when_they_are_confirmed(tmp_path: Path) -> None:
    generate(tmp_path / "imdb", SyntheticDataSettings(users=20, movies=40, ratings_per_user=8))
    ratings = tmp_path / "r.csv"
    header = "userID,tconst,rating,review_date\n"
    ratings.write_text(
        header + "".join(f"u1,tt{n:07d},{n % 10 / 2 + 0.5},2020-01-02\n" for n in range(1, 31))
    )
    given = (tmp_path / "imdb", tmp_path / "out", "--ratings", ratings)
    code, output = imported(*given)
    assert code == 1
    assert "--rating-scale 0.5-5" in output
    code, output = imported(*given, "--rating-scale", "0.5-5")
    assert code == 0
    assert re.search(r"\b30 RATED", output)
