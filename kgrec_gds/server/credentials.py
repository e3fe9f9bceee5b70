"""The generated password of the managed server, and setting it at the first start."""

import secrets

import neo4j
from neo4j.exceptions import AuthError, ClientError, Neo4jError

from kgrec_gds.database import queries
from kgrec_gds.errors import CredentialsRefusedError, ServerError
from kgrec_gds.server.server_files import ServerFiles, write_text

USERNAME = "neo4j"
#: Neo4j's initial password, which must be changed at the first login.
_INITIAL = "neo4j"


def password(files: ServerFiles) -> str:
    """The home's password, generated if there is none."""
    if not files.password.is_file():
        write_text(files.password, secrets.token_urlsafe(24), mode=0o600)
    text = files.password.read_text(encoding="utf-8").strip()
    if not text:
        raise ServerError(
            f"{files.password} is empty; expected the server's password. Write the password into it, or remove this file and "
            "the server's folder `data` to start with an empty database."
        )
    return text


def set_password(uri: str, wanted: str, password_file: object) -> None:
    """Set the password of a new database; for an older one, verify it. `password_file` is for the error message.

    Raises:
        CredentialsRefusedError: the database has another password.
    """
    if _accepts(uri, wanted):
        return
    try:
        with neo4j.GraphDatabase.driver(uri, auth=(USERNAME, _INITIAL)) as driver:
            # The driver's managed calls would query the routing table first, which is refused before the change.
            query = queries.load("server/set_password").text
            with driver.session(database="system") as session:
                session.run(query, old=_INITIAL, new=wanted).consume()
    except (AuthError, ClientError) as error:
        raise CredentialsRefusedError(
            f"The managed server refuses the password in {password_file}: its database has another one. Write that one into "
            "the file."
        ) from error


def _accepts(uri: str, wanted: str) -> bool:
    try:
        with neo4j.GraphDatabase.driver(uri, auth=(USERNAME, wanted)) as driver:
            driver.verify_connectivity()
    except AuthError:
        return False
    except Neo4jError as error:
        if "CredentialsExpired" in str(error.code):
            return False
        raise
    return True
