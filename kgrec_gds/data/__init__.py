"""The graph as arrays: the data set, its splits, and histories as sequences."""
