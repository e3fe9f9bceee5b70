"""Random delays between the end of a history and the rating: models learn for the time at which they are queried.

A recommendation is made a day or a month before the rating, while the ratings of a log follow each other within minutes.
Each training and validation query therefore ends its history a random delay before the rating.
"""

import numpy as np

from kgrec_gds.data.query import Queries

DAY = 86_400
MONTH = 30 * DAY

#: How a rating error is reported, everywhere: with all history, with a history that is a day old, a month old.
HORIZONS = {"at_once": 0, "day_old": DAY, "month_old": MONTH}

DELAYED_SHARE = 1 / 3
"""Share of training and validation queries with a delay, chosen on validation: see docs/experiments.md."""
SHORTEST, LONGEST = DAY // 4, 60 * DAY
"""Range of the delays, in seconds; their logarithm is uniform."""


def with_random_delays(queries: Queries, rng: np.random.Generator) -> Queries:
    """The same queries, a third of them with a random delay between six hours and sixty days."""
    delays = np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST), len(queries)))
    return queries.delayed(np.where(rng.random(len(queries)) < DELAYED_SHARE, delays, 0).astype(np.int64))
