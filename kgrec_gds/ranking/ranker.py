"""The fitted ranking: weights of the three signals, item-item weights, and the lists they give."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, load_npz, save_npz

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.errors import ModelRunError
from kgrec_gds.ranking.cases import RankingCases
from kgrec_gds.ranking.popularity import DAY
from kgrec_gds.ranking.shared_people import SharedPeople
from kgrec_gds.ranking.signals import UserSignals, case_signals, tie_order, user_signals

_SETTINGS, _WEIGHTS = "ranking.json", "item_weights.npz"


@dataclass(frozen=True)
class RankingSettings:
    """How the signals are combined; chosen on validation."""

    liked_together: float = 1.0
    """Weight a of the item-item weights."""
    people: float = 1.0
    """Weight b of shared people."""
    popularity: float = 1.0
    """Weight c of popularity."""
    half_life: float = 365.0 * DAY
    """Seconds after which a rating counts half for popularity."""
    regularisation: float = 300.0
    """Lambda of the item-item weights."""

    @property
    def weights(self) -> NDArray[np.float64]:
        """a, b and c, shape (3,)."""
        return np.array([self.liked_together, self.people, self.popularity])


@dataclass(frozen=True)
class Ranker:
    """Ranks the unrated movies of users."""

    settings: RankingSettings
    item_weights: csr_matrix
    """Row l, column m: what liking l says for m; by rows of the data set that it was fitted on."""

    def signals(
        self,
        dataset: Dataset,
        histories: csr_matrix,
        popularity: NDArray[np.float64],
        k: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Iterator[UserSignals]:
        """Signals of each user; see `user_signals`."""
        people, tie = dataset.derive(SharedPeople.of), dataset.derive(tie_order)
        return user_signals(self.item_weights, people, histories, popularity, tie, k, allowed)

    def lists(self, dataset: Dataset, cases: RankingCases, k: int = 10) -> NDArray[np.int32]:
        """The k movies with the highest score of each case, best first, 0 where there are fewer; shape (cases, k)."""
        tie, weights = dataset.derive(tie_order), self.settings.weights
        lists = np.zeros((len(cases), k), np.int32)
        found = case_signals(self.item_weights, dataset, cases, self.settings.half_life, k)
        for row, signals in enumerate(found):
            best, _ = signals.top(weights, tie, k)
            lists[row, : len(best)] = signals.movie_index[best]
        return lists

    def save(self, folder: Path, dataset: Dataset) -> None:
        """Write settings and weights; movies are named by tconst, because rows change with the graph."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _SETTINGS).write_text(json.dumps(asdict(self.settings), indent=1) + "\n", "utf-8")
        used = np.unique(self.item_weights.nonzero())
        save_npz(folder / _WEIGHTS, self.item_weights[used][:, used])
        np.savez(folder / "movies.npz", tconst=dataset.movies.tconst[used].astype(str), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, dataset: Dataset) -> Self:
        """Read what `save` wrote, by the rows of this data set; movies that it does not have are left out.

        Raises:
            ModelRunError: the folder holds no ranking.
        """
        try:
            settings = RankingSettings(**json.loads((folder / _SETTINGS).read_text("utf-8")))
            weights = load_npz(folder / _WEIGHTS).tocoo()
            with np.load(folder / "movies.npz", allow_pickle=False) as file:
                tconst = file["tconst"].astype(object)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelRunError(
                f"Model run {folder.parent.name} holds no ranking that can be read ({error}). Train again with "
                "kgrec-gds train."
            ) from error
        movies = dataset.movies.tconst  # sorted
        place = np.minimum(np.searchsorted(movies, tconst), len(movies) - 1)
        row = np.where(movies[place] == tconst, place, 0) if len(tconst) else place
        kept = (row[weights.row] > 0) & (row[weights.col] > 0)
        index = row[weights.row[kept]], row[weights.col[kept]]
        shape = (len(movies), len(movies))
        return cls(settings, csr_matrix((weights.data[kept], index), shape=shape))
