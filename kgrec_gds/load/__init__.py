"""Clean tables to neo4j-admin CSV, and from there to a database."""

from kgrec_gds.load.bolt import TableOutcome
from kgrec_gds.load.run import (
    Imported,
    Source,
    import_csv,
    import_managed,
    import_through_bolt,
    update,
)

__all__ = [
    "Imported",
    "Source",
    "TableOutcome",
    "import_csv",
    "import_managed",
    "import_through_bolt",
    "update",
]
