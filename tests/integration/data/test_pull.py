"""A small graph on the real server comes back as the arrays it stands for."""

from collections.abc import Iterator

import numpy as np
import pytest

from kgrec_gds.data.pull import available_methods, pull
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError

GRAPH = """
CREATE (a:Movie {tconst: 'tt2', title: 'Second', year: 2001, averageRating: 7.5, numVotes: 12}),
       (b:Movie {tconst: 'tt1', title: 'First', year: 1999}),
       (c:Movie {tconst: 'tt3'}),
       (p:Person:Actor:Director {nconst: 'nm2', name: 'Somebody'}), (q:Person:Actor {nconst: 'nm1'}), (w:Person:Writer {nconst: 'nm3'}),
       (g:Genre {name: 'Drama'}), (h:Genre {name: 'Comedy'}),
       (u:User {userId: '10'}), (v:User {userId: '9'}), (:User {userId: 'silent'}),
       (p)-[:ACTED_IN {ordering: 1}]->(a), (q)-[:ACTED_IN {ordering: 2}]->(a), (q)-[:ACTED_IN {ordering: 5}]->(a),
       (p)-[:DIRECTED]->(b), (w)-[:WROTE]->(b), (a)-[:HAS_GENRE]->(g), (a)-[:HAS_GENRE]->(h), (b)-[:HAS_GENRE]->(g),
       (u)-[:RATED {rating: 8, ratedAt: 200}]->(a), (u)-[:RATED {rating: 3.0, ratedAt: 100}]->(b),
       (v)-[:RATED {rating: 10, ratedAt: 200}]->(a), (u)-[:RATED {rating: 1, ratedAt: 300}]->(c)
SET a.fastRP = [1.0, 0.0], b.fastRP = [0.0, 2.0], p.fastRP = [3.0, 3.0], h.fastRP = [4.0, 4.0]
"""

REMOVE = """
MATCH (node)
WHERE node.tconst IN ['tt1', 'tt2', 'tt3'] OR node.nconst IN ['nm1', 'nm2', 'nm3']
   OR node.name IN ['Drama', 'Comedy'] OR node.userId IN ['9', '10', 'silent']
DETACH DELETE node
"""


@pytest.fixture
def small_graph(graph: Connection) -> Iterator[Connection]:
    graph.driver.execute_query(GRAPH, database_=graph.database)
    yield graph
    graph.driver.execute_query(REMOVE, database_=graph.database)


def test_ratings_are_in_the_order_of_time_then_user_then_movie(small_graph: Connection) -> None:
    data = pull(small_graph)
    assert data.user_ids.tolist() == ["", "10", "9", "silent"]
    assert data.movies.tconst.tolist() == ["", "tt1", "tt2", "tt3"]
    ratings = data.ratings
    assert ratings.rated_at.tolist() == [100, 200, 200, 300]
    assert ratings.user_index.tolist() == [1, 1, 2, 1]
    assert ratings.movie_index.tolist() == [1, 2, 2, 3]
    assert ratings.rating.tolist() == [3, 8, 10, 1]


def test_a_cutoff_leaves_out_what_is_not_before_it(small_graph: Connection) -> None:
    data = pull(small_graph, until=200)
    assert data.ratings.rating.tolist() == [3]
    assert data.user_ids.tolist() == ["", "10", "9", "silent"]


def test_missing_numbers_are_nan(small_graph: Connection) -> None:
    movies = pull(small_graph).movies
    np.testing.assert_array_equal(movies.year, np.array([np.nan, 1999, 2001, np.nan], np.float32))
    np.testing.assert_array_equal(movies.average_rating, np.array([np.nan, np.nan, 7.5, np.nan], np.float32))
    np.testing.assert_array_equal(movies.num_votes, np.array([np.nan, np.nan, 12, np.nan], np.float32))
    assert movies.title.tolist() == ["", "First", "Second", ""]


def test_relations_have_one_entry_an_entity_and_actors_in_billing_order(small_graph: Connection) -> None:
    relations = pull(small_graph).movies.relations
    keys = {name: [relation.keys[row] for row in relation.of(2)] for name, relation in relations.items()}
    assert keys == {"directors": [], "actors": ["nm2", "nm1"], "writers": [], "genres": ["Comedy", "Drama"]}
    assert [relations["directors"].keys[row] for row in relations["directors"].of(1)] == ["nm2"]
    assert all(len(relation.of(3)) == 0 for relation in relations.values())


def test_people_have_names_where_asked_for(small_graph: Connection) -> None:
    relations = pull(small_graph, names=True).movies.relations
    assert relations["actors"].names is not None
    assert relations["actors"].names.tolist() == ["", "nm1", "Somebody"]
    assert relations["genres"].names is not None
    assert relations["genres"].names.tolist() == relations["genres"].keys.tolist()
    assert pull(small_graph).movies.relations["actors"].names is None


def test_vectors_stand_in_the_rows_of_their_nodes(small_graph: Connection) -> None:
    data = pull(small_graph, "fastrp")
    assert data.vectors is not None
    assert data.vectors.movies.tolist() == [[0, 0], [0, 2], [1, 0], [0, 0]]
    assert data.vectors.entities["actors"].tolist() == [[0, 0], [0, 0], [3, 3]]
    assert data.vectors.entities["genres"].tolist() == [[0, 0], [4, 4], [0, 0]]
    assert available_methods(small_graph) == ("fastrp",)


def test_vectors_of_several_sizes_are_refused(small_graph: Connection) -> None:
    small_graph.driver.execute_query("MATCH (m:Movie {tconst: 'tt1'}) SET m.fastRP = [1.0, 2.0, 3.0]")
    with pytest.raises(InputError, match="Vectors differ in size"):
        pull(small_graph, "fastrp")


def test_absent_vectors_are_named_with_what_to_try(small_graph: Connection) -> None:
    with pytest.raises(InputError, match=r"methods present: fastrp.*kgrec-gds embed --method node2vec"):
        pull(small_graph, "node2vec")
    with pytest.raises(InputError, match="expected one of transe"):
        pull(small_graph, "word2vec")


def test_an_empty_graph_is_an_error(graph: Connection) -> None:
    with pytest.raises(InputError, match="kgrec-gds import"):
        pull(graph)
