"""What can go wrong, by name.

A message says what should hold, what was received and where, and what to try. The command line turns every
`KgrecError` into one line on standard error and a non-zero exit code.
"""


class KgrecError(Exception):
    """Base of all errors that are the user's to mend."""


class InputError(KgrecError):
    """A file, a table or an option is not what it should be."""


class ServerError(KgrecError):
    """The managed server could not be installed, started or stopped."""


class ConnectionFailedError(KgrecError):
    """The database could not be used; the subclasses say why."""


class UnreachableError(ConnectionFailedError):
    """Nobody answers at the address."""


class CredentialsRefusedError(ConnectionFailedError):
    """The server answers and refuses the username or password."""


class GdsAbsentError(ConnectionFailedError):
    """The server has no Graph Data Science library."""


class GdsTooOldError(ConnectionFailedError):
    """The server's Graph Data Science library is older than what we call."""


class QueryFileError(KgrecError):
    """A file of `cypher/` is empty, unnamed, or its parameters differ from its declaration."""


class EmbeddingError(KgrecError):
    """An embedding cannot be made: settings, memory, or nothing to embed."""


class ModelRunError(KgrecError):
    """A model run is missing, unfinished, or does not fit the graph."""


class LoadError(KgrecError):
    """Tables could not be brought into the database."""
