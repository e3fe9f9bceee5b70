"""Whether an import would leave less than half of what the database holds."""

from kgrec_gds.loading.graph_counts import GraphCounts
from kgrec_gds.loading.held_data import shrinks

HELD = GraphCounts(
    {"Movie": 40, "Person": 90, "User": 10}, {"RATED": 200, "ACTED_IN": 80, "PREDICTED_RATING": 50}
)


def test_at_least_half_of_everything_is_no_loss() -> None:
    assert (
        shrinks(HELD, GraphCounts({"Movie": 20, "Person": 45, "User": 5}, {"RATED": 100, "ACTED_IN": 40}))
        is None
    )
    assert shrinks(GraphCounts({}, {}), GraphCounts({"Movie": 1}, {})) is None


def test_fewer_are_named_with_what_goes_too() -> None:
    lost = shrinks(HELD, GraphCounts({"Movie": 40, "Person": 90}, {"RATED": 99, "ACTED_IN": 80}))
    assert lost is not None
    assert "0 instead of 10 User, 99 instead of 200 RATED" in lost
    assert "50 predictions" in lost
    assert "Movie" not in lost
