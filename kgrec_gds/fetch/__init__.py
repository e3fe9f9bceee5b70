"""From the publishers' addresses to the files that `prepare` reads."""

from kgrec_gds.fetch.run import Fetched, fetch
from kgrec_gds.fetch.sources import SOURCES, Source

__all__ = ["SOURCES", "Fetched", "Source", "fetch"]
