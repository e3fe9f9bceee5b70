"""The project's own seeded data set in IMDb's format, with a planted taste."""
