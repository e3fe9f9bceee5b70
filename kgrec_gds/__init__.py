"""kgrec-gds: a graph-native movie recommender on Neo4j and the Graph Data Science library."""

from importlib.metadata import version

__version__ = version("kgrec-gds")
