"""Arrays to a trained model and its run folder. Touches no database."""
