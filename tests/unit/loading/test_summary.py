"""What an import tells."""

from pathlib import Path

import pytest

from kgrec_gds.loading.bolt import TableOutcome
from kgrec_gds.loading.import_summary import summary
from kgrec_gds.workflows.import_ import Imported


@pytest.mark.parametrize(
    ("predictions", "ratings", "told"),
    [
        (5, TableOutcome(new=1), True),
        (5, TableOutcome(changed=1), True),
        (5, TableOutcome(unchanged=7), False),
        (0, TableOutcome(new=1), False),
    ],
)
def test_predictions_that_do_not_know_the_new_ratings_are_told_of(
    predictions: int, ratings: TableOutcome, told: bool
) -> None:
    done = Imported(
        way="update",
        nodes={"Movie": 3},
        relationships={"RATED": 8, "PREDICTED_RATING": predictions},
        tables={},
        quality_report=Path("quality.json"),
        quarantine=Path("quarantine.csv"),
        rows={"movies": TableOutcome(new=3), "ratings": ratings},
    )
    assert ("kgrec-gds predict" in summary(done)) == told
