"""A loaded recommender sees what was rated since, by the project's call or by anybody's Cypher."""

import numpy as np
import pytest

from kgrec_gds.data.pull import pull
from kgrec_gds.database.connection import Connection
from kgrec_gds.serving.live import LiveRecommender
from kgrec_gds.serving.rating import rate
from kgrec_gds.serving.recommender import Recommender
from kgrec_gds.workflows.predict import Predicted


@pytest.fixture(scope="module")
def live(small: Connection, predicted: Predicted) -> LiveRecommender:
    return LiveRecommender.load(small, predicted.model_id, candidates=None)


def agrees_with_a_fresh_load(live: LiveRecommender, small: Connection, user: str) -> None:
    dataset = pull(small)
    fresh = Recommender(live.recommender.model, dataset).recommend([user], dataset.now, 5, None)
    found = live.recommend(user, 5).recommendations
    assert [row.tconst for row in found] == fresh.tconsts
    np.testing.assert_allclose([row.predicted_rating for row in found], fresh.rating, atol=1e-4)


def test_new_ratings_of_a_user_and_of_a_new_one_are_seen(small: Connection, live: LiveRecommender) -> None:
    agrees_with_a_fresh_load(live, small, "3")
    favourite = live.recommend("3", 1).recommendations[0].tconst
    rate(small, "3", favourite, 2, rated_at=1_500_000_000)
    agrees_with_a_fresh_load(live, small, "3")
    assert favourite not in [row.tconst for row in live.recommend("3", 100).recommendations]

    assert live.recommend("came later").recommendations == []
    small.driver.execute_query(
        "MATCH (m:Movie {tconst: 'tt0000001'}) CREATE (:User {userId: 'came later'})-[:RATED {rating: 9.0, ratedAt: 1500000001}]->(m)"
    )
    agrees_with_a_fresh_load(live, small, "came later")

    small.driver.execute_query(
        "CREATE (m:Movie {tconst: 'tt0007777', title: 'Made later', year: 2001}) "
        "WITH m MATCH (u:User {userId: 'came later'}) CREATE (u)-[:RATED {rating: 3.0, ratedAt: 1500000002}]->(m)"
    )
    agrees_with_a_fresh_load(live, small, "came later")

    small.driver.execute_query(
        "MATCH (n:User|Movie) WHERE n.userId = 'came later' OR n.tconst = 'tt0007777' DETACH DELETE n "
        "WITH count(*) AS c MATCH (:User {userId: '3'})-[r:RATED]->(:Movie {tconst: $tconst}) DELETE r",
        tconst=favourite,
    )
    live.recommend("came later")  # each user's own history is seen at their own question
    agrees_with_a_fresh_load(live, small, "3")
