"""Named arrays as bytes, the form in which the project's procedures read a network.

"KGRECNET" · version · number of arrays · for each: name, type, shape, values (all little-endian)
"""

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC, VERSION = b"KGRECNET", 1
#: Type by its code, as `NamedArrays.java` reads it.
_TYPES = {code: np.dtype(name) for code, name in enumerate(("uint8", "<i2", "<i4", "<i8", "<f4", "<f8"))}


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Bytes of named arrays."""
    codes = {kind: code for code, kind in _TYPES.items()}
    parts = [_MAGIC, struct.pack("<ii", VERSION, len(arrays))]
    for name, array in arrays.items():
        key, values = name.encode(), np.ascontiguousarray(array)
        parts.append(struct.pack(f"<h{len(key)}sbb", len(key), key, codes[values.dtype], values.ndim))
        parts += [struct.pack(f"<{values.ndim}q", *values.shape), values.tobytes()]
    return b"".join(parts)


def texts(values: NDArray[np.object_] | list[str]) -> NDArray[np.uint8]:
    """Texts without line breaks as one array of bytes, a line each."""
    return np.frombuffer("\n".join(values).encode(), np.uint8)
