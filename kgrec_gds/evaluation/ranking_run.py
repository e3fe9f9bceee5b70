"""Lists of all ranking models in all cases, each kept on disk when it is finished."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrec_gds import __version__
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.fingerprint import fingerprint
from kgrec_gds.data.splits import Split
from kgrec_gds.evaluation.cells import Cell, write_arrays
from kgrec_gds.evaluation.ranking_cases import EvaluatedCases, K
from kgrec_gds.evaluation.ranking_models import RANKING_MODELS, FittedRankings, can_measure
from kgrec_gds.progress import bars


@dataclass(frozen=True)
class RankedCases:
    """The lists of one model in cases of one kind."""

    model: str
    cases: EvaluatedCases
    rows: NDArray[np.int64]
    """Cases that the model answered, ascending."""
    lists: NDArray[np.int32]
    """Shape (rows, K)."""


def run_rankings(
    dataset: Dataset, split: Split, kinds: Sequence[EvaluatedCases], folder: Path, *, shown: bool = True
) -> list[RankedCases]:
    """The top K of every ranking model; what the folder holds already is not made again."""
    mark = fingerprint(dataset, split, f"{__version__} ranking {[len(kind.cases) for kind in kinds]}")
    fitted: FittedRankings | None = None
    found = []
    names = [name for name in RANKING_MODELS if can_measure(name)]
    with bars(shown=shown) as progress:
        task = progress.add_task("rank", total=len(names))
        for name in names:
            progress.update(task, description=f"{name} · ranking")
            path = folder / "ranking" / f"{name.replace(':', '--')}.npz"
            lists = _read(path, mark)
            if lists is None:
                fitted = fitted or FittedRankings(dataset, split, 0)
                lists = np.concatenate([fitted.lists(name, kind.cases) for kind in kinds])
                write_arrays(path, lists=lists, mark=np.array(mark))
            found += _by_kind(name, lists, kinds, sampled=False)
            progress.advance(task)
    return found


def ordered_by_rating(cells: Sequence[Cell], kinds: Sequence[EvaluatedCases]) -> list[RankedCases]:
    """The lists of the rating models, of the cells that ranked."""
    return [
        ranked
        for cell in cells
        if cell.top_lists is not None
        for ranked in _by_kind(cell.key.model, cell.top_lists, kinds, sampled=True)
    ]


def _by_kind(
    name: str, lists: NDArray[np.int32], kinds: Sequence[EvaluatedCases], *, sampled: bool
) -> list[RankedCases]:
    rows = [kind.sampled if sampled else np.arange(len(kind.cases)) for kind in kinds]
    ends = np.cumsum([len(each) for each in rows])
    parts = np.split(lists.reshape(-1, K), ends[:-1])
    return [RankedCases(name, *each) for each in zip(kinds, rows, parts, strict=True)]


def _read(path: Path, mark: str) -> NDArray[np.int32] | None:
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return arrays["lists"] if str(arrays["mark"]) == mark else None
