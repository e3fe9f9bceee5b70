"""Train, validation and test: the three protocols."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.grouping import run_start
from kgrec_gds.errors import InputError

Protocol = Literal["global", "per-user", "paper"]
Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")

#: Percentage of the ratings at which validation and test start.
VALIDATION_FROM = 64
TEST_FROM = 80


@dataclass(frozen=True)
class Split:
    """Disjoint rows of events that together are all events; each ascending, shape (events of that part,)."""

    protocol: Protocol
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]

    @property
    def everything(self) -> "Split":
        """All events as training, none for validation and test."""
        rows = np.union1d(np.union1d(self.train, self.validation), self.test)
        return Split(self.protocol, rows, rows[:0], rows[:0])

    @property
    def counts(self) -> dict[str, int]:
        """Events by part."""
        return {part: len(getattr(self, part)) for part in PARTS}

    def holding(self, *parts: Part) -> "Split":
        """This split, if each of these parts holds an event.

        Raises:
            InputError: one of them holds none.
        """
        counts = self.counts
        if all(counts[part] for part in parts):
            return self
        found = ", ".join(f"{count:,} in {part}" for part, count in counts.items())
        raise InputError(
            f"Too few ratings for protocol {self.protocol}: it needs some for {', '.join(parts)}, and finds {found} of "
            f"{sum(counts.values()):,}. Ratings of the same time stay together, and per-user needs users with several "
            "ratings. Import more, or choose another --protocol."
        )


def split(ratings: Ratings, protocol: Protocol, seed: int = 0) -> Split:
    """Divide all events into train (64 %), validation (16 %) and test (20 %).

    - `global`: by time over all users. Ratings at the time of a boundary belong to the later part, so every training
      time is strictly before every test time.
    - `per-user`: by each user's own time order, from position ⌊0.64 n⌋ validation, from ⌈0.8 n⌉ test. A user's ratings
      of the same time that straddle a boundary go wholly to the later part.
    - `paper`: at random by `seed`, as published. It leaks: neighbouring ratings of a user fall on both sides.
    """
    part = {"global": _global, "per-user": _per_user, "paper": _paper}[protocol](ratings, seed)
    train, validation, test = (np.flatnonzero(part == number) for number in range(len(PARTS)))
    return Split(protocol, train, validation, test)


def _boundaries(count: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # ⌊0.64 n⌋ and ⌈0.8 n⌉ in integers: 0.8 * 15 is a little more than 12 in binary.
    return VALIDATION_FROM * count // 100, -(-TEST_FROM * count // 100)


def _global(ratings: Ratings, _seed: int) -> NDArray[np.int64]:
    if not len(ratings):
        return np.zeros(0, np.int64)
    positions = np.stack(_boundaries(np.array(len(ratings))))
    boundaries = ratings.rated_at[np.minimum(positions, len(ratings) - 1)]
    # A boundary past the end, as of one event alone, is never reached.
    boundaries = np.where(positions < len(ratings), boundaries, np.iinfo(np.int64).max)
    return np.searchsorted(boundaries, ratings.rated_at, side="right").astype(np.int64)


def _per_user(ratings: Ratings, _seed: int) -> NDArray[np.int64]:
    order = np.argsort(ratings.user_index, kind="stable")
    user, rated_at = ratings.user_index[order], ratings.rated_at[order]
    # The last position of ratings of the same time decides for all of them: they go wholly to the later part.
    last = len(order) - 1 - run_start(user[::-1], rated_at[::-1])[::-1]
    position = last - run_start(user)
    validation_from, test_from = _boundaries(np.bincount(user))
    part = np.empty(len(order), np.int64)
    part[order] = (position >= validation_from[user]).astype(np.int64) + (position >= test_from[user])
    return part


def _paper(ratings: Ratings, seed: int) -> NDArray[np.int64]:
    validation_from, test_from = _boundaries(np.array(len(ratings)))
    rank = np.random.default_rng(seed).permutation(len(ratings))
    return (rank >= validation_from).astype(np.int64) + (rank >= test_from)


def cutoffs(dataset: Dataset, parts: Split) -> dict[str, int]:
    """Times of the first validation and test rating under the protocol `global`, epoch seconds UTC; none under others."""
    if parts.protocol != "global":
        return {}
    named = {"validation": parts.validation, "test": parts.test}
    return {name: int(dataset.ratings.rated_at[rows[0]]) for name, rows in named.items() if len(rows)}


def fitted_until(dataset: Dataset, parts: Split) -> dict[str, int]:
    """Time of each user's last fitted rating under the protocol `per-user`, by user id; none under others."""
    if parts.protocol != "per-user":
        return {}
    fitted = dataset.ratings.take(np.union1d(parts.train, parts.validation))
    last = np.full(len(dataset.user_ids), -1, np.int64)
    np.maximum.at(last, fitted.user_index, fitted.rated_at)
    users = np.unique(fitted.user_index)
    return dict(zip(dataset.user_ids[users].tolist(), last[users].tolist(), strict=True))
