"""Predictions and attention to PREDICTED_RATING edges: batched, idempotent."""
