"""A trained model and histories to ratings with attention. Touches no database."""
