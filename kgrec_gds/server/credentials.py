"""The generated password of the managed server, which a new database has before it is first started."""

import secrets
from pathlib import Path

from kgrec_gds.errors import ServerError
from kgrec_gds.server.admin_tool import admin
from kgrec_gds.server.memory import Memory
from kgrec_gds.server.server_files import ServerFiles, write_text

USERNAME = "neo4j"
_MEMORY = Memory("256m", "64m")


def password(files: ServerFiles) -> str:
    """The home's password, generated if there is none."""
    if not files.password.exists():
        write_text(files.password, secrets.token_urlsafe(24), mode=0o600)
    return read_password(files.password)


def read_password(file: Path) -> str:
    """The password in a file.

    Raises:
        ServerError: the file does not hold one line of UTF-8.
    """
    expected = (
        "expected the server's password. Write the password into it, or remove this file and the server's folder `data` "
        "to start with an empty database."
    )
    try:
        text = file.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise ServerError(f"{file} is not UTF-8 text; {expected}") from error
    if not text:
        raise ServerError(f"{file} is empty; {expected}")
    if not text.isprintable():
        raise ServerError(f"{file} has several lines or control characters; {expected}")
    return text


def set_initial_password(files: ServerFiles, data: Path) -> None:
    """Give a data directory that was never started the home's password.

    A new database would otherwise accept Neo4j's initial password on Bolt, from every user of the machine.

    Raises:
        ServerError: Neo4j's admin tool refuses the password.
    """
    if (data / "databases" / "system").exists():
        return
    quoted = password(files).replace("\\", "\\\\").replace('"', '\\"')
    # Command lines are visible to every user of the machine, so the tool reads its arguments from a file.
    arguments = files.run / "arguments"
    write_text(arguments, f'dbms\nset-initial-password\n--\n"{quoted}"\n', mode=0o600)
    try:
        result = admin([f"@{arguments}"], files, data, memory=_MEMORY)
    finally:
        arguments.unlink(missing_ok=True)
    if result.exit_code:
        raise ServerError(
            f"Neo4j refuses to set the password in {files.password} for the new database: {result.output.strip()}"
        )
