"""Refuse what an import cannot do, before anything is read: arguments, the database, folders."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kgrec_gds.errors import InputError

if TYPE_CHECKING:
    from kgrec_gds.database.connection import Connection
    from kgrec_gds.serving.prediction_files import PredictionFiles

Mode = Literal["replace", "csv", "merge", "update"]
"""Replace the managed database, write CSV only, merge all rows over Bolt, or update with new rows."""


def check_arguments(
    imdb: Path | str | None, update: Path | None, *, preset: str, csv_only: bool, via: str | None
) -> Path | str:
    """The folder to import; refuse arguments that contradict each other."""
    if via not in (None, "bolt"):
        raise InputError(f"Invalid via {via!r}; expected 'bolt'.")
    if csv_only and (via is not None or update is not None):
        raise InputError(
            "csv_only loads nothing, so it cannot be combined with via or update. Pass one of them."
        )
    if update is not None and preset != "default":
        raise InputError(
            f"update supports only the preset 'default', not {preset!r}: its other rules need the whole data set."
        )
    folder = imdb if update is None else update
    if folder is None or (imdb is not None and update is not None):
        raise InputError("Pass either imdb, a folder of a whole data set, or update, a folder of new rows.")
    return folder


def open_predictions(folder: Path, mode: Mode) -> "PredictionFiles":
    """The predictions to load with a whole database."""
    from kgrec_gds.serving.prediction_files import PredictionFiles

    if mode != "replace":
        raise InputError(
            "predictions are loaded only with a whole managed database, so they cannot be combined with csv_only, via or "
            "update. Pass one of them, and run kgrec-gds predict afterwards."
        )
    return PredictionFiles.open(folder)


def check_managed(connection: "Connection | None", env_file: Path | None) -> None:
    """Refuse to replace a database that the tool does not manage."""
    from kgrec_gds.database.connection import address_from_environment

    if connection is None:
        address = address_from_environment(env_file)
        other = None if address is None else address.uri
    else:
        other = None if connection.managed else connection.uri
    if other is not None:
        raise InputError(
            f"Only the managed server's database can be replaced, not {other}. Use --via bolt (via='bolt') to merge "
            "into that database, --csv-only (csv_only=True) to load the files yourself, or unset NEO4J_URI."
        )


def check_places(csv_dir: Path, quarantine: Path | None) -> None:
    """Refuse folders that cannot be written before anything is read."""
    if csv_dir.exists() and not csv_dir.is_dir():
        raise InputError(f"Invalid csv_dir {csv_dir}; expected a folder, but it is a file. Choose another.")
    if set(",=") & set(str(csv_dir.absolute())):
        raise InputError(
            f"Invalid csv_dir {csv_dir}; expected a name without commas and equals signs, at which neo4j-admin splits names."
        )
    if quarantine is not None and quarantine.is_dir():
        raise InputError(
            f"Invalid quarantine {quarantine}; expected a file, but it is a folder. Choose another."
        )
    for folder in [csv_dir] if quarantine is None else [csv_dir, quarantine.parent]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"Cannot write to {folder} ({error.strerror}). Choose another folder."
            ) from error
        if not os.access(folder, os.W_OK):
            raise InputError(f"Cannot write to {folder}; expected a writable folder. Choose another.")
