"""Rating histories pulled by Cypher, as arrays: splits, causal features, chunks."""
