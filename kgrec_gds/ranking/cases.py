"""Ranking cases: a user at a time, what they had rated before, and what they rated or liked afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.grouping import in_ranges
from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.ranking.item_weights import LIKED, rated_at_least
from kgrec_gds.ranking.popularity import DAY

CaseKind = Literal["midpoint", "day"]
Relevant = Literal["any", "liked"]
_DAYS_A_USER = 5
#: Cases times movies of a block: 128 MB as float64.
_CELLS_A_BLOCK = 1 << 24


@dataclass(frozen=True)
class RankingCases:
    """Users at times, one case a row."""

    user_index: NDArray[np.int32]
    at: NDArray[np.int64]
    """Epoch seconds; what the user rated strictly before is history and no candidate."""
    rated: csr_matrix
    """Movies that the user rated afterwards, with the rating; shape (cases, movies)."""

    def __len__(self) -> int:
        return len(self.at)

    def relevant(self, kind: Relevant) -> csr_matrix:
        """1 for each relevant movie, shape (cases, movies)."""
        return rated_at_least(self.rated, LIKED if kind == "liked" else 0)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_] | slice) -> "RankingCases":
        """The chosen cases, in the order given."""
        return RankingCases(self.user_index[rows], self.at[rows], self.rated[rows])

    def sample(self, count: int, seed: int) -> "RankingCases":
        """At most `count` cases, seeded."""
        if len(self) <= count:
            return self
        return self.take(np.sort(np.random.default_rng(seed).permutation(len(self))[:count]))

    def blocks(self) -> Iterator["RankingCases"]:
        """The cases in order, so many at once that a value for each movie fits memory; one empty block if there is none."""
        size = max(1, _CELLS_A_BLOCK // self.rated.shape[1])
        for first in range(0, max(1, len(self)), size):
            yield self.take(slice(first, first + size))


def histories(dataset: Dataset, users: NDArray[np.int32], at: NDArray[np.int64]) -> csr_matrix:
    """Ratings of each user strictly before a time, shape (users, movies)."""
    log = dataset.derive(RatingLog)
    own = users.astype(np.int64) * log.by_user.ticks
    begin = np.searchsorted(log.by_user.stamp, own)
    end = np.searchsorted(log.by_user.stamp, own + log.clock.rank(at))
    counts = end - begin
    indptr = np.concatenate([[0], np.cumsum(counts)])
    events = log.by_user.order[in_ranges(begin, counts)[1]]
    columns = dataset.ratings.movie_index[events]
    found = csr_matrix(
        (dataset.ratings.rating[events], columns, indptr), shape=(len(users), len(dataset.movies))
    )
    found.sort_indices()
    return found


def midpoint_cases(dataset: Dataset, rows: NDArray[np.int64]) -> RankingCases:
    """Each user at the middle of their ratings among `rows`; afterwards is from then on, among `rows`."""
    ratings = dataset.ratings.take(rows)
    order = np.argsort(ratings.user_index, kind="stable")
    ratings = ratings.take(order)
    users, first, counts = np.unique(ratings.user_index, return_index=True, return_counts=True)
    at = ratings.rated_at[first + counts // 2]
    later = ratings.rated_at >= np.repeat(at, counts)
    return _cases(dataset, users, at, ratings.take(later), np.repeat(np.arange(len(users)), counts)[later])


def day_cases(dataset: Dataset, rows: NDArray[np.int64], seed: int) -> RankingCases:
    """Users with history at 00:00 UTC of days on which they rated, five seeded days a user at most."""
    ratings = dataset.ratings.take(rows)
    day = ratings.rated_at // DAY
    keys, case = np.unique(np.stack([ratings.user_index.astype(np.int64), day]), axis=1, return_inverse=True)
    case = case.ravel()
    shuffled = np.random.default_rng(seed).permutation(keys.shape[1])
    shuffled = shuffled[np.argsort(keys[0, shuffled], kind="stable")]
    user = keys[0, shuffled]
    place = np.arange(len(user)) - np.searchsorted(user, user)
    first = np.full(len(dataset.user_ids), np.iinfo(np.int64).max)
    np.minimum.at(first, dataset.ratings.user_index, dataset.ratings.rated_at)
    chosen = np.zeros(keys.shape[1], bool)
    chosen[shuffled[place < _DAYS_A_USER]] = True
    chosen &= first[keys[0]] < keys[1] * DAY
    number = np.cumsum(chosen) - 1
    kept = chosen[case]
    return _cases(
        dataset,
        keys[0, chosen].astype(np.int32),
        keys[1, chosen] * DAY,
        ratings.take(kept),
        number[case[kept]],
    )


def _cases(
    dataset: Dataset, users: NDArray[np.int32], at: NDArray[np.int64], later: Ratings, case: NDArray[np.int64]
) -> RankingCases:
    shape = (len(users), len(dataset.movies))
    return RankingCases(users, at, csr_matrix((later.rating, (case, later.movie_index)), shape=shape))
