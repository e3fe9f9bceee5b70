"""Trained models in use: the loaded model, recommendations, predictions in the graph, model runs, similar movies."""
