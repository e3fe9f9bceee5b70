from pathlib import Path

import pytest

from kgrec_gds.cli.import_ import summary
from kgrec_gds.loading.bolt import TableOutcome
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
