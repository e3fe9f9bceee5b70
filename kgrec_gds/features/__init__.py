"""Causal features of a (user, movie, time) query: a table of named columns made of blocks."""
