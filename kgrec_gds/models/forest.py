"""Boosted trees over many rows, such as the whole catalogue for one user after another, many times faster than row by row.

QuickScorer's idea (Lucchese et al., 2015): each tree keeps a bit a leaf; a split that a row passes to the right clears
the leaves on its left, and the lowest bit that stays is the row's leaf. The order of splits does not matter, so those
on columns that do not depend on the user are worked out once for all users.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ALL = 0xFFFF
_MOST_LEAVES = 16
_ROWS = 16_384  # at once: they stay near the processor
#: A leaf's place by the lowest bit of the mask.
_LOWEST = np.array([max((mask & -mask).bit_length() - 1, 0) for mask in range(_ALL + 1)], np.uint8)


@dataclass(frozen=True)
class Forest:
    """The trees of fitted `HistGradientBoostingRegressor`s on the same numeric columns. Arrays by split, trees ascending."""

    tree: NDArray[np.int64]
    column: NDArray[np.int64]
    threshold: NDArray[np.float32]
    """Rows above go right."""
    left: NDArray[np.uint16]
    """The leaves on its left."""
    leaves: list[NDArray[np.float64]]
    """By tree, what its leaves say, from left to right."""
    start: float
    """What every row starts from."""

    @classmethod
    def of(cls, models: Sequence[Any]) -> "Forest | None":
        """Read the trees of models whose mean is wanted; None where this cannot do them."""
        try:
            trees = [tree.nodes for model in models for (tree,) in model._predictors]
            start = float(np.mean([model._baseline_prediction.ravel()[0] for model in models]))
        except (AttributeError, ValueError):
            return None
        if any(nodes["is_leaf"].sum() > _MOST_LEAVES or nodes["is_categorical"].any() for nodes in trees):
            return None
        splits: list[tuple[int, int, np.float32, int]] = []
        leaves = [_read(nodes, number, splits) / len(models) for number, nodes in enumerate(trees)]
        tree, column, threshold, left = zip(*splits, strict=True) if splits else ((), (), (), ())
        return cls(
            np.array(tree, np.int64), np.array(column, np.int64), np.array(threshold, np.float32),
            np.array(left, np.uint16), leaves, start,
        )  # fmt: skip

    def predict(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the models say, on average, of rows, (rows,), from all their columns, (rows, columns), without a NaN."""
        columns = np.arange(values.shape[1])
        blocks = [values[begin : begin + _ROWS] for begin in range(0, len(values), _ROWS)]
        return np.concatenate([self.totals(self.masks(block, columns)) for block in blocks])

    def only(self, columns: NDArray[np.integer]) -> "Forest":
        """The same with the splits on some columns only: one of the parts whose masks are combined."""
        kept = np.isin(self.column, columns)
        return Forest(
            self.tree[kept], self.column[kept], self.threshold[kept], self.left[kept], self.leaves, self.start
        )  # fmt: skip

    def masks(self, values: NDArray[np.float32], columns: NDArray[np.integer]) -> NDArray[np.uint16]:
        """Leaves that rows can still reach, (trees, rows), after the splits on all of these columns.

        Args:
            values: (rows, columns), without a NaN.
            columns: which they are, ascending; see `only`.
        """
        masks = np.full((len(self.leaves), len(values)), _ALL, np.uint16)
        by_column = np.ascontiguousarray(values.T)
        places = np.searchsorted(columns, self.column)
        if len(values) == 1:
            right = values[0][places] > self.threshold
            np.bitwise_and.at(masks[:, 0], self.tree[right], np.invert(self.left[right]))
            return masks
        kept = np.empty(len(values), np.uint16)
        for tree, place, threshold, left in zip(self.tree, places, self.threshold, self.left, strict=True):
            # Where the row goes right, all leaves but those on the left; else all.
            np.multiply(by_column[place] > threshold, left, out=kept)
            np.invert(kept, out=kept)
            masks[tree] &= kept
        return masks

    def totals(self, masks: NDArray[np.uint16]) -> NDArray[np.float32]:
        """What the trees say together, (rows,), where all splits have had their say, (trees, rows)."""
        total = np.full(masks.shape[1], self.start)
        for leaves, mask in zip(self.leaves, masks, strict=True):
            total += leaves.take(_LOWEST.take(mask), mode="clip")
        return total.astype(np.float32)


def _read(
    nodes: NDArray[Any], tree: int, splits: list[tuple[int, int, np.float32, int]]
) -> NDArray[np.float64]:
    """Add a tree's splits; give back its leaves from left to right."""
    leaves: list[float] = []

    def walk(place: int) -> int:
        node = nodes[place]
        if node["is_leaf"]:
            leaves.append(float(node["value"]))
            return 1 << (len(leaves) - 1)
        left = walk(int(node["left"]))
        splits.append((tree, int(node["feature_idx"]), _below(float(node["num_threshold"])), left))
        return left | walk(int(node["right"]))

    walk(0)
    return np.array(leaves)


def _below(threshold: float) -> np.float32:
    """The greatest float32 that is not above it: other float32 are above both or neither."""
    near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))
