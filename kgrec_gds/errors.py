"""Exceptions for problems that the user can fix.

A message states the problem with the value received, what was expected, and what to do. The command line prints every
`KgrecError` as one line on standard error and exits with code 1.
"""


class KgrecError(Exception):
    """Base class of all errors that the user can fix."""


class InputError(KgrecError):
    """A file, a table or an option is invalid."""


class ServerError(KgrecError):
    """The managed server could not be installed, started or stopped."""


class ConnectionFailedError(KgrecError):
    """The database cannot be used; the subclasses say why."""


class UnreachableError(ConnectionFailedError):
    """No server answers at the address."""


class CredentialsRefusedError(ConnectionFailedError):
    """The server refuses the username or password."""


class GdsAbsentError(ConnectionFailedError):
    """The server lacks the Graph Data Science library."""


class GdsTooOldError(ConnectionFailedError):
    """The server's Graph Data Science library is too old."""


class QueryFileError(KgrecError):
    """A file of `cypher/` is empty, lacks its description, or uses parameters that it does not declare."""


class EmbeddingError(KgrecError):
    """An embedding cannot be made: wrong settings, too little memory, or nothing to embed."""


class TooLittleHeapError(EmbeddingError):
    """The server's heap is too small for a projection or a method."""

    def __init__(self, message: str, missing: int) -> None:
        super().__init__(message)
        self.missing = missing
        """Bytes that the heap lacks."""


class ModelRunError(KgrecError):
    """A model run is missing, unfinished, or does not fit the graph."""


class LoadError(KgrecError):
    """The tables could not be loaded into the database."""
