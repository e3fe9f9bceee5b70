"""What stands in the figures of a data set."""

from dataclasses import replace

import numpy as np

from kgrec_gds.evaluation.report.data_figures import graph_piece


def labels(figure):
    (axes,) = figure.axes
    return [text.get_text() for text in axes.texts]


def test_a_piece_of_the_graph_calls_people_by_their_names(small_dataset):
    facts = {
        relation: replace(rows, names=np.array([f"name of {key}" for key in rows.keys], object))
        for relation, rows in small_dataset.movies.facts.items()
    }
    named = replace(small_dataset, movies=replace(small_dataset.movies, facts=facts))
    assert any(label.startswith("name of ") for label in labels(graph_piece(named)))
    assert not any(label.startswith("name of ") for label in labels(graph_piece(small_dataset)))


def test_movies_of_one_title_are_several_nodes(small_dataset):
    title = np.full(len(small_dataset.movies), "The Same", object)
    alike = replace(small_dataset, movies=replace(small_dataset.movies, title=title))
    assert labels(graph_piece(alike)).count("The Same") > 1
