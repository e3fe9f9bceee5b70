from dataclasses import replace

import numpy as np

from kgrec_gds.evaluation.report.data_figures import graph_around_most_rated


def labels(figure):
    (axes,) = figure.axes
    return [text.get_text() for text in axes.texts]


def test_people_in_the_graph_are_shown_by_name(dataset):
    facts = {
        relation: replace(rows, names=np.array([f"name of {key}" for key in rows.keys], object))
        for relation, rows in dataset.movies.relations.items()
    }
    named = replace(dataset, movies=replace(dataset.movies, relations=facts))
    assert any(label.startswith("name of ") for label in labels(graph_around_most_rated(named)))
    assert not any(label.startswith("name of ") for label in labels(graph_around_most_rated(dataset)))


def test_movies_with_the_same_title_are_separate_nodes(dataset):
    title = np.full(len(dataset.movies), "The Same", object)
    alike = replace(dataset, movies=replace(dataset.movies, title=title))
    assert labels(graph_around_most_rated(alike)).count("The Same") > 1
