"""A boosting in a file, and how to read one that somebody else may have written.

skops builds any object whose type it trusts, among them all of scikit-learn. A file is read only if each of its nodes, the
trusted ones too, has one of the exact types and readers of a boosting; the arrays are then checked, because scikit-learn's
compiled code follows their indices without looking.
"""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

_BOOSTING = "sklearn.ensemble._hist_gradient_boosting"
#: Module, class and reader of every node in the file of a boosting.
_NODES = frozenset(
    {
        ("builtins", "dict", "DictNode"),
        ("builtins", "list", "ListNode"),
        ("builtins", "str", "JsonNode"),
        ("builtins", "str", "TypeNode"),
        ("builtins", "tuple", "TupleNode"),
        ("numpy", "ndarray", "NdArrayNode"),
        ("numpy", "uint64", "NdArrayNode"),
        ("numpy.random._generator", "Generator", "RandomGeneratorNode"),
        ("sklearn._loss._loss", "CyHalfSquaredError", "LossNode"),
        ("sklearn._loss.link", "IdentityLink", "ObjectNode"),
        ("sklearn._loss.link", "Interval", "ObjectNode"),
        ("sklearn._loss.loss", "HalfSquaredError", "ObjectNode"),
        (f"{_BOOSTING}.binning", "_BinMapper", "ObjectNode"),
        (f"{_BOOSTING}.gradient_boosting", "HistGradientBoostingRegressor", "ObjectNode"),
        (f"{_BOOSTING}.predictor", "TreePredictor", "ObjectNode"),
    }
)


def save(model: HistGradientBoostingRegressor, path: Path) -> None:
    """Write a boosting."""
    import skops.io

    skops.io.dump(model, path)


def load(path: Path) -> HistGradientBoostingRegressor:
    """Read a boosting.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds anything else.
    """
    import skops.io
    from skops.io._protocol import PROTOCOL

    try:
        with zipfile.ZipFile(path) as archive:
            schema = json.loads(archive.read("schema.json"))
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    # Files of older protocols have older readers.
    if not isinstance(schema, dict) or schema.get("protocol") != PROTOCOL:
        raise ValueError(f"{path} is of another version of skops")
    if foreign := sorted(set(_nodes(schema)) - _NODES):
        names = ", ".join(f"{module}.{name} ({reader})" for module, name, reader in foreign)
        raise ValueError(f"Untrusted types in {path}: {names}; expected those of a boosting only")
    model = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    if not isinstance(model, HistGradientBoostingRegressor):
        raise ValueError(f"{path} holds a {type(model).__name__}; expected a HistGradientBoostingRegressor")
    _check_indices(model, path)
    return model


def _nodes(value: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, dict):
        if "__loader__" in value or "__class__" in value:
            yield str(value.get("__module__")), str(value.get("__class__")), str(value.get("__loader__"))
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _nodes(part)


def _check_indices(model: HistGradientBoostingRegressor, path: Path) -> None:
    try:
        for (predictor,) in model._predictors:
            nodes = predictor.nodes
            inner = nodes[nodes["is_leaf"] == 0]
            # A child comes after its parent, so no walk is endless.
            parents = np.flatnonzero(nodes["is_leaf"] == 0)
            valid = (
                len(nodes) > 0
                and not nodes["is_categorical"].any()
                and np.all((inner["feature_idx"] >= 0) & (inner["feature_idx"] < model.n_features_in_))
                and all(
                    np.all((inner[side] > parents) & (inner[side] < len(nodes))) for side in ("left", "right")
                )
            )
            if not valid:
                raise ValueError(f"{path} holds a tree whose branches lead nowhere")
    except (AttributeError, TypeError, IndexError, KeyError) as error:
        raise ValueError(f"{path} holds a damaged tree: {error}") from error
