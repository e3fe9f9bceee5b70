"""The generated password: a file of its own, and the server that learns it at its first start."""

import secrets

import neo4j
from neo4j.exceptions import AuthError, ClientError, Neo4jError

from kgrec_gds.database import queries
from kgrec_gds.errors import CredentialsRefusedError, ServerError
from kgrec_gds.server.server_files import ServerFiles, write_text

USERNAME = "neo4j"
#: What Neo4j sets itself on empty data, and refuses for anything but changing it.
_INITIAL = "neo4j"


def password(files: ServerFiles) -> str:
    """The home's password, generated where there is none yet."""
    if not files.password.is_file():
        write_text(files.password, secrets.token_urlsafe(24), mode=0o600)
    text = files.password.read_text(encoding="utf-8").strip()
    if not text:
        raise ServerError(
            f"{files.password} should hold the server's password and is empty. "
            "Write the password into it, or remove the server's folder `data` and this file to start anew."
        )
    return text


def set_password(uri: str, wanted: str, password_file: object) -> None:
    """Make the server take our password: change the initial one where the data is new.

    Args:
        uri: Bolt address on the loopback.
        wanted: the home's password.
        password_file: named in the error.

    Raises:
        CredentialsRefusedError: the data knows another password.
    """
    if _accepts(uri, wanted):
        return
    try:
        with neo4j.GraphDatabase.driver(uri, auth=(USERNAME, _INITIAL)) as driver:
            # Only a plain session may do this: the driver's managed calls ask for the routing table first.
            query = queries.load("server/set_password").text
            with driver.session(database="system") as session:
                session.run(query, old=_INITIAL, new=wanted).consume()
    except (AuthError, ClientError) as error:
        raise CredentialsRefusedError(
            f"The managed server does not take the password of {password_file}: its data knows another one. "
            "Put that password into the file."
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
