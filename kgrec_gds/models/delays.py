"""Random delays between the end of a history and the rating: models learn for the time at which they are queried.

A recommendation is made a day or a month before the rating, while the ratings of a log follow each other within minutes.
Each training and validation query therefore ends its history a random delay before the rating.
"""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.query import Queries

DAY = 86_400
MONTH = 30 * DAY

#: How a rating error is reported, everywhere: with all history, with a history that is a day old, a month old.
HORIZONS = {"at_once": 0, "day_old": DAY, "month_old": MONTH}

#: Share of queries by delay; chosen on validation for all three horizons, see docs/experiments.md.
MIXTURE = {0: 0.5, DAY: 0.25, MONTH: 0.25}


def with_random_delays(queries: Queries, rng: np.random.Generator) -> Queries:
    """The same queries, each with a delay drawn from `MIXTURE`."""
    delays: NDArray[np.int64] = rng.choice(
        np.array(list(MIXTURE), np.int64), len(queries), p=list(MIXTURE.values())
    )
    return queries.delayed(delays)
