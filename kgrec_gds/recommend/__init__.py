"""Answers for one user or one movie: recommendations, a new rating, similar movies."""
