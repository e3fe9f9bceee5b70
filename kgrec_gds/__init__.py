"""kgrec-gds: a graph-native movie recommender on Neo4j and the Graph Data Science library."""

import os
from importlib.metadata import version

# Read when OpenMP is first loaded, by whichever library. Its threads spin while they wait by default, which makes
# scikit-learn's boosting ten times slower on a machine that does anything else beside.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = version("kgrec-gds")
