"""Arrays to a fitted model and its run folder. Touches no database."""
