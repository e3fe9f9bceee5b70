"""Knowledge-graph embeddings computed in the database: FastRP, node2vec, TransE, DistMult."""
