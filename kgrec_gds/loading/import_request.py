"""What a person asked of `import`, checked as a whole before anything is read."""

import os
import secrets
from pathlib import Path

from kgrec_gds.errors import InputError
from kgrec_gds.progress import say
from kgrec_gds.workflows.import_ import (
    Imported,
    Source,
    import_csv,
    import_managed,
    import_through_bolt,
    update,
)


def run_request(
    *,
    imdb: Path | None,
    ratings: Path | None = None,
    update_dir: Path | None = None,
    preset: str = "default",
    csv_dir: Path = Path("import"),
    csv_only: bool = False,
    via: str | None = None,
    max_bad_share: float | None = None,
    quarantine: Path | None = None,
    quarantine_removed: bool = False,
    hash_users: Path | None = None,
    engine: str = "duckdb",
    env_file: Path | None = None,
) -> Imported:
    """Run the import that the options ask for; see `kgrec-gds import --help` for them.

    Raises:
        InputError: options that contradict each other, or input that is not what it should be.
    """
    from kgrec_gds.cleaning import PrepareSettings
    from kgrec_gds.database.connection import address_from_environment
    from kgrec_gds.workflows.connect import connect

    folder = _one_folder(imdb, update_dir, preset=preset, csv_only=csv_only, via=via)
    changes = {"quarantine_removed": quarantine_removed, "engine": engine}
    if max_bad_share is not None:
        changes["max_bad_share"] = max_bad_share
    if hash_users is not None:
        changes["user_salt"] = read_salt(hash_users, make=update_dir is None)
    settings = PrepareSettings.preset(preset, **changes)
    source = Source(folder, settings, ratings, csv_dir, quarantine)
    if csv_only:
        return import_csv(source)
    if update_dir is not None:
        with connect(env_file=env_file) as graph:
            return update(graph, source)
    if via == "bolt":
        with connect(env_file=env_file) as graph:
            return import_through_bolt(graph, source)
    if (address := address_from_environment(env_file)) is not None:
        raise InputError(
            f"neo4j-admin imports into the managed server only, and NEO4J_URI names {address.uri}. "
            "Add --via bolt to merge into that database, --csv-only to load it yourself, or unset NEO4J_URI."
        )
    say("This replaces the managed database as a whole, vectors and predictions included.")
    return import_managed(source)


def _one_folder(
    imdb: Path | None, update_dir: Path | None, *, preset: str, csv_only: bool, via: str | None
) -> Path:
    if (imdb is None) == (update_dir is None):
        raise InputError(
            "import needs one of --imdb DIR, for a whole data set, and --update DIR, for new rows."
        )
    if csv_only and via is not None:
        raise InputError("--csv-only loads nothing, and --via bolt loads; give one of them.")
    if update_dir is None:
        assert imdb is not None
        return imdb
    if csv_only or preset != "default":
        raise InputError(
            "--update adds rows to a running database: it goes without --csv-only, and with the preset default, "
            "because other rules weigh a data set as a whole."
        )
    return update_dir


def read_salt(path: Path, *, make: bool = True) -> str:
    """The salt of hashed user ids; a new one, readable by its owner alone, where the file is missing.

    The same file gives the same hashes, so an update needs the file of the import.

    Args:
        path: the file.
        make: whether a missing file is made.

    Raises:
        InputError: the file is empty, or missing and not to be made.
    """
    if not path.exists():
        if not make:
            raise InputError(
                f"--hash-users should name the salt file of the import that an update adds to; {path} does not exist, "
                "and a new salt would give the same users other ids. Check the path."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(24))
    salt = path.read_text(encoding="utf-8").strip()
    if not salt:
        raise InputError(
            f"--hash-users should name a file that holds a salt; {path} is empty. Remove it to have one made."
        )
    return salt
