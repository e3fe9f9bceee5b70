"""Questions of one user that see the same steps, so that one matrix answers them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.features.gaussian_process.kernel import KrigingSettings


@dataclass(frozen=True)
class Pieces:
    """Questions with a history, by user and then time, and the pieces they belong to, see `kriging`."""

    rows: NDArray[np.int64]
    """Of the questions."""
    position: NDArray[np.int64]
    """By question, of the last step that it sees, in `log.by_user`."""
    low: NDArray[np.int64]
    """By piece, its first question."""
    high: NDArray[np.int64]
    """By piece, the one after its last."""
    begin: NDArray[np.int64]
    """By piece, position of the first step."""
    fit: NDArray[np.int64]
    """By piece, number of the latent factors' fit, -1 before the first."""

    @classmethod
    def of(
        cls, log: RatingLog, settings: KrigingSettings, rows: NDArray[np.int64], position: NDArray[np.int64],
        fit: NDArray[np.int64], *, most: int | None = None,
    ) -> "Pieces":  # fmt: skip
        """Find the pieces of questions, which are in order; arrays by question. Of more than `most` it makes several."""
        first = log.by_user.first[position]
        start = first + (position - first) // settings.piece * settings.piece
        new = (np.diff(start, prepend=-1) != 0) | (np.diff(fit, prepend=-2) != 0)
        if most:
            number = np.arange(len(rows))
            new |= (number - np.maximum.accumulate(np.where(new, number, 0))) % most == 0
        low = np.flatnonzero(new)
        begin = np.maximum(first, start - settings.reach)[low]
        return cls(rows, position, low, np.append(low, len(rows))[1:], begin, fit[low])

    @property
    def end(self) -> NDArray[np.int64]:
        """By piece, position of the last step that any of its questions sees."""
        return self.position[self.high - 1]

    def __len__(self) -> int:
        return len(self.low)
