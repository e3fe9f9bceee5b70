"""A trained model at work: scoring, recommendations, predictions in the graph, model runs."""
