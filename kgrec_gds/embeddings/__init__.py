"""Knowledge-graph embeddings, made in the database: FastRP, node2vec, TransE, DistMult."""
