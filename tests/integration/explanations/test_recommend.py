"""Recommendations and scores: written, predicted now, and after ratings that came since the model was loaded."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.ranking.popularity import popularity
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.publish_ranking import publish_ranking
from kgrec_gds.serving.recommend_request import RecommendRequest
from kgrec_gds.workflows.predict import Predicted, predict
from kgrec_gds.workflows.rate import rate
from kgrec_gds.workflows.recommend import recommend, recommend_many
from kgrec_gds.workflows.score import score

LIVE = RecommendRequest(live=True)
RECOMMENDED = """
MATCH (:User {userId: $user})-[p:PREDICTED_RATING {modelId: $model}]->(m:Movie)
WHERE p.rank IS NOT NULL
RETURN m.tconst AS tconst, p.rating AS rating, p.attentionMovies AS movies ORDER BY p.rank
"""


def written(connection: Connection, user: str, model_id: str) -> list[dict[str, Any]]:
    found = connection.driver.execute_query(RECOMMENDED, user=user, model=model_id)
    return [record.data() for record in found.records]


def test_written_and_live_recommendations_are_the_same(
    small: Connection, loaded: LoadedModel, predicted: Predicted
) -> None:
    for user in ("1", "3", "25"):
        read = recommend(small, user)
        live = recommend(small, user, LIVE, loaded=loaded)
        assert (read.source, live.source) == ("graph", "model")
        assert [row.tconst for row in read.recommendations] == [row.tconst for row in live.recommendations]
        for first, second in zip(read.recommendations, live.recommendations, strict=True):
            assert first.rank == second.rank
            assert first.title == second.title
            assert first.predicted_rating == pytest.approx(second.predicted_rating, abs=1e-4)
            assert first.score == pytest.approx(second.score)
            assert first.ratings == second.ratings
            assert first.reasons == second.reasons
            assert [past.tconst for past in first.attention] == [past.tconst for past in second.attention]
        assert len(read.recommendations) == 10
        assert read.note is live.note is None


def test_written_reasons_sum_to_the_score_and_stand_in_the_graph(
    small: Connection, predicted: Predicted
) -> None:
    rows, _, _ = small.driver.execute_query(
        "MATCH (u:User)-[p:PREDICTED_RATING {modelId: $model}]->(m:Movie) WHERE p.rank IS NOT NULL RETURN p {.*} AS p, "
        "all(t IN p.reasonMovies WHERE EXISTS { (u)-[r:RATED]->(:Movie {tconst: t})-[:LIKED_TOGETHER]->(m) WHERE r.rating >= 8 }) "
        "AS liked, all(n IN p.reasonPeople WHERE EXISTS { (u)-[r:RATED]->(:Movie)<-[:DIRECTED|ACTED_IN|WROTE]-"
        "(:Person {nconst: n})-[:DIRECTED|ACTED_IN|WROTE]->(m) WHERE r.rating >= 8 }) AS shared",
        model=predicted.model_id,
    )
    assert len(rows) == predicted.recommendations_written
    assert all(row["liked"] and row["shared"] for row in rows)
    for row in rows:
        p = row["p"]
        parts = [*p["reasonMovieParts"], *p["reasonPeopleParts"], p["popularityPart"], p["otherPart"]]
        assert sum(parts) == pytest.approx(p["score"], abs=1e-6)


def test_the_graph_holds_the_ranking_of_the_run_and_renews_it(small: Connection, loaded: LoadedModel) -> None:
    ranker, dataset = loaded.ranker_at(loaded.dataset.now), loaded.dataset

    def in_graph() -> dict[tuple[str, str], float]:
        rows, _, _ = small.driver.execute_query(
            "MATCH (a:Movie)-[r:LIKED_TOGETHER]->(b:Movie) RETURN a.tconst, b.tconst, r.weight"
        )
        return {(start, end): weight for start, end, weight in rows}

    weights = ranker.item_weights.tocoo()
    names = dataset.movies.tconst
    expected = {
        (names[a], names[b]): float(w) for a, b, w in zip(weights.row, weights.col, weights.data, strict=True)
    }
    assert in_graph() == expected
    small.driver.execute_query("MATCH (:Movie)-[r:LIKED_TOGETHER]->() WHERE rand() < 0.5 DELETE r")
    small.driver.execute_query(
        "MATCH (a:Movie {tconst: 'tt0009999'}), (b:Movie {tconst: 'tt0008888'}) CREATE (a)-[:LIKED_TOGETHER {weight: 1}]->(b)"
    )
    small.driver.execute_query("MATCH (run:ModelRun) REMOVE run.rankingDigest")
    publish_ranking(small, loaded.model_id, ranker, dataset)
    assert in_graph() == expected
    (row,), _, _ = small.driver.execute_query(
        "MATCH (m:Movie) WITH sum(m.ratingCount) AS ratings, sum(m.popularity) AS popularity "
        "MATCH (run:ModelRun {id: $id}) RETURN ratings, popularity, run.popularityAt AS at, run.popularityHalfLife AS half",
        id=loaded.model_id,
    )
    assert row["ratings"] == len(dataset.ratings)
    assert row["at"] == dataset.now
    assert row["popularity"] == pytest.approx(
        popularity(dataset.ratings, len(names), row["at"], row["half"]).sum()
    )


def test_filters_and_dates_are_kept(small: Connection, loaded: LoadedModel) -> None:
    genre = recommend(small, "3", RecommendRequest(genres=("genre 1",), k=30), loaded=loaded)
    found, _, _ = small.driver.execute_query(
        "MATCH (m:Movie)-[:HAS_GENRE]->({name: 'genre 1'}) RETURN collect(m.tconst) AS all"
    )
    assert genre.source == "model"
    assert {row.tconst for row in genre.recommendations} <= set(found[0]["all"])
    few = recommend(small, "3", RecommendRequest(among=("tt0000001", "tt0000002", "tt404")), loaded=loaded)
    assert {row.tconst for row in few.recommendations} <= {"tt0000001", "tt0000002"}
    with pytest.raises(InputError, match="No movie meets all the conditions"):
        recommend(small, "3", RecommendRequest(years="1850"), loaded=loaded)
    with pytest.raises(InputError, match="none of the movies to choose among"):
        recommend(small, "3", RecommendRequest(among=("tt404",)), loaded=loaded)
    first = 1_000_000_000
    early = recommend(small, "3", RecommendRequest(as_of=first, k=40), loaded=loaded)
    assert all(row.ratings == 0 for row in early.recommendations)
    assert "some of them later than this date" in (early.note or "")
    by_rating = recommend(small, "3", RecommendRequest(order="rating", k=5), loaded=loaded).recommendations
    ratings = [row.predicted_rating for row in by_rating]
    assert ratings == sorted(ratings, reverse=True)
    both = recommend_many(small, ["25", "1"], RecommendRequest(k=3), loaded=loaded)
    assert [each.user for each in both] == ["25", "1"]


@pytest.mark.parametrize(
    "request_",
    [
        RecommendRequest(live=True),
        RecommendRequest(genres=("GENRE 1", "genre 2"), k=5),
        RecommendRequest(min_ratings=8, exclude=("tt0000003",)),
        RecommendRequest(new=3),
        RecommendRequest(among=("tt0000001", "tt0000002", "tt0008888"), years="1980-"),
    ],
)
def test_the_procedure_recommends_what_python_recommends(
    small: Connection, loaded: LoadedModel, request_: RecommendRequest
) -> None:
    for user in ("1", "3", "25"):
        inside = recommend(small, user, request_)
        outside = recommend(small, user, request_, loaded=loaded)
        assert (inside.source, outside.source) == ("procedure", "model")
        assert [row.tconst for row in inside.recommendations] == [
            row.tconst for row in outside.recommendations
        ]
        for one, other in zip(inside.recommendations, outside.recommendations, strict=True):
            assert one.predicted_rating == pytest.approx(other.predicted_rating, abs=1e-4)
            assert one.score == pytest.approx(other.score)
            assert one.popularity == pytest.approx(other.popularity)
            assert one.other == pytest.approx(other.other, abs=1e-6)
            assert one.ratings == other.ratings


def test_the_procedure_refuses_what_python_refuses(small: Connection, predicted: Predicted) -> None:
    with pytest.raises(InputError, match="Unknown genre 'Nope'"):
        recommend(small, "3", RecommendRequest(genres=("Nope",)))
    with pytest.raises(InputError, match="No movie meets all the conditions"):
        recommend(small, "3", RecommendRequest(years="1850"))


@pytest.mark.parametrize("years", ["19x", "1999-1990", "-", "90"])
def test_malformed_years_are_refused(small: Connection, years: str) -> None:
    with pytest.raises(InputError, match="Invalid years"):
        recommend(small, "3", RecommendRequest(years=years))


def agrees_with_a_fresh_load(loaded: LoadedModel, user: str) -> None:
    request = RecommendRequest(k=5, live=True)
    fresh = LoadedModel.load(loaded.connection, loaded.model_id)
    one, other = (recommend(loaded.connection, user, request, loaded=each) for each in (loaded, fresh))
    for first, second in zip(one.recommendations, other.recommendations, strict=True):
        assert first.tconst == second.tconst
        assert first.predicted_rating == pytest.approx(second.predicted_rating, abs=1e-4)
        assert first.score == pytest.approx(second.score)


def test_a_loaded_model_sees_new_ratings_users_and_movies(small: Connection, predicted: Predicted) -> None:
    loaded = LoadedModel.load(small, predicted.model_id)
    agrees_with_a_fresh_load(loaded, "3")
    favourite = (
        recommend(small, "3", RecommendRequest(k=1, live=True), loaded=loaded).recommendations[0].tconst
    )
    rate(small, "3", favourite, 2, rated_at=1_500_000_000)
    agrees_with_a_fresh_load(loaded, "3")
    rest = recommend(small, "3", RecommendRequest(k=100, live=True), loaded=loaded).recommendations
    assert favourite not in [row.tconst for row in rest]

    with pytest.raises(InputError, match="no user 'came later'"):
        recommend(small, "came later", LIVE, loaded=loaded)
    small.driver.execute_query("CREATE (:User {userId: 'came later'})")
    agrees_with_a_fresh_load(loaded, "came later")
    rate(small, "came later", "tt0000001", 9, rated_at=1_500_000_001)
    agrees_with_a_fresh_load(loaded, "came later")

    small.driver.execute_query(
        "CREATE (m:Movie {tconst: 'tt0007777', title: 'Made later', year: 2001}) "
        "WITH m MATCH (u:User {userId: 'came later'}) CREATE (u)-[:RATED {rating: 3.0, ratedAt: 1500000002}]->(m)"
    )
    agrees_with_a_fresh_load(loaded, "came later")

    small.driver.execute_query(
        "MATCH (n:User|Movie) WHERE n.userId = 'came later' OR n.tconst = 'tt0007777' DETACH DELETE n "
        "WITH count(*) AS c MATCH (:User {userId: '3'})-[r:RATED]->(:Movie {tconst: $tconst}) DELETE r",
        tconst=favourite,
    )
    agrees_with_a_fresh_load(LoadedModel.load(small, predicted.model_id), "3")


def test_pairs_are_scored_with_attention_and_unknown_ids_with_a_reason(
    small: Connection, loaded: LoadedModel, predicted: Predicted
) -> None:
    best = written(small, "3", predicted.model_id)[0]
    pairs = [("3", best["tconst"]), ("nobody", "tt0000001"), ("3", "tt404"), ("4", "tt0000002")]
    found = score(small, pairs, loaded=loaded)
    assert [(pair.user, pair.tconst) for pair in found.pairs] == pairs
    assert [pair.was_impossible for pair in found.pairs] == [False, True, True, False]
    first, nobody, nothing, _ = found.pairs
    assert first.predicted_rating == pytest.approx(best["rating"], abs=1e-4)
    assert first.attention_movies == best["movies"]
    assert sum(first.attention_weights) == pytest.approx(1, abs=1e-4)
    assert nobody.predicted_rating is None
    assert nobody.reason == "the graph has no user nobody"
    assert nothing.reason == "the graph has no movie tt404"
    assert score(small, [], loaded=loaded).pairs == []
    assert list(found.as_frame["predicted_rating"].isna()) == [False, True, True, False]


def test_a_model_without_attention_recommends_and_says_so(
    small: Connection, predicted: Predicted, trees: str
) -> None:
    live = recommend(small, "3", RecommendRequest(live=True, model_id=trees))
    assert len(live.recommendations) == 10
    assert all(row.attention == [] for row in live.recommendations)
    assert live.note is not None
    assert "has no attention" in live.note
    assert "has no attention" in (score(small, [("3", "tt0000001")], model_id=trees).note or "")

    done = predict(small, users="all", model_id=trees, keep=True)
    assert "has no attention" in (done.note or "")
    assert [row["movies"] for row in written(small, "3", trees)] == [[]] * 10
    read = recommend(small, "3", RecommendRequest(model_id=trees))
    assert read.source == "graph"
    assert read.note == live.note
    assert [row.tconst for row in read.recommendations] == [row.tconst for row in live.recommendations]


def test_promoting_and_removing_a_run_changes_which_model_recommends(
    small: Connection, predicted: Predicted, trees: str
) -> None:
    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(main, ["models", *arguments, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    runs = {row["model_id"]: row for row in run("list")["models"]}
    assert {runs[trees]["model"], runs[predicted.model_id]["model"]} == {"trees_graph", "attention_lstm"}
    assert set(runs[trees]["metrics"]["trees_graph"]) == {"at_once", "day_old", "month_old"}
    run("promote", predicted.model_id)
    assert recommend(small, "3", LIVE).model_id == predicted.model_id
    run("promote", trees)
    assert recommend(small, "3", LIVE).model_id == trees
    assert run("remove", trees)["record_deleted"]
    assert recommend(small, "3", LIVE).model_id == predicted.model_id
    refused = CliRunner().invoke(main, ["models", "compare", trees])
    assert refused.exit_code == 1
    assert "no model run" in refused.stderr
