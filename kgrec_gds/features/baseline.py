"""The baseline estimate and its parts as columns."""

from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns


class Baseline(Block):
    """mu + b_u + b_i as of the query, and each part; see `data/baseline_estimates.py`."""

    def compute(self, known: QueryPositions) -> Columns:
        """Columns of each query."""
        parts = known.baseline
        return {"baseline": parts.total, **{f"baseline_{name}": part for name, part in vars(parts).items()}}
