"""The file with the salt of hashed user ids."""

import os
import secrets
from pathlib import Path

from kgrec_gds.errors import InputError


def read_salt(path: Path, *, create: bool = True) -> str:
    """The salt in a file, or a new one, readable only by its owner, if the file is missing.

    The same salt gives the same hashes, so an update needs the file that the import used.

    Raises:
        InputError: the file is empty, or missing and not to be created.
    """
    if not path.exists():
        if not create:
            raise InputError(
                f"No salt file {path}; expected the one that the import used, because a new salt would give the same "
                "users new ids. Check the path."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(24))
    salt = path.read_text(encoding="utf-8").strip()
    if not salt:
        raise InputError(f"Salt file {path} is empty. Remove it, and the import creates a new one.")
    return salt
