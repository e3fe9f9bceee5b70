"""Raw IMDb tables and ratings to clean tables and a quality report, as Ibis expressions."""
