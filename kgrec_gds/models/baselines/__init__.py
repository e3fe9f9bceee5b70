"""Baselines on the same splits as the other models, by a library where there is one."""
