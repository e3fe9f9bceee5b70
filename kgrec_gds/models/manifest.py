"""The manifest of a finished run folder: size and SHA-256 of each of its files, written last and checked at loading."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from kgrec_gds import __version__

NAME = "manifest.json"
_FORMAT = 1
#: What comes and goes beside the files of a run.
_APART = (NAME, "recorded.json", "checkpoint")


def write_manifest(folder: Path) -> None:
    """List all files of a folder and its sub-folders, once they are safely on the disk."""
    files = {name: _described(folder / name) for name in _names(folder)}
    write_json(folder / NAME, {"format": _FORMAT, "version": __version__, "files": files})


def fault_of(folder: Path, *, thorough: bool = True) -> str | None:
    """What is wrong with a finished run folder, None if nothing is; unless `thorough`, only sizes are compared."""
    try:
        manifest = read_json(folder / NAME)
        if manifest.get("format") != _FORMAT:
            return f"{NAME} is of another version of kgrec-gds ({manifest.get('version', 'unknown')})"
        listed = {name: (entry["size"], entry["sha256"]) for name, entry in manifest["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{NAME} cannot be read ({_first_line(error)})"
    for name, (size, digest) in listed.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if path.stat().st_size != size:
            return f"{name} has {path.stat().st_size} bytes instead of {size}"
        if thorough and _sha256(path) != digest:
            return f"{name} has changed since the training"
    return None


def write_json(path: Path, value: Any) -> None:
    """Write one JSON file, whole or not at all, even if the machine loses power."""
    beside = path.with_suffix(".json.part")
    with beside.open("w", encoding="utf-8") as file:
        file.write(json.dumps(value, indent=1, default=float, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it holds no JSON object.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, received {type(value).__name__}")
    return value


def _names(folder: Path) -> list[str]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if path.parts[0] not in _APART and path.suffix != ".part")


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return {"size": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
