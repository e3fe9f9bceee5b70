"""`kgrec.recommend` and `kgrec.explain` on a graph of 14 movies, against the formula computed here in Python."""

import math
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from neo4j.exceptions import ClientError, Neo4jError

from kgrec_gds.database.connection import Connection

Rows = list[dict[str, Any]]

DAY = 86_400
#: a, b and c of the run `two`, which ranks unless another is promoted.
WEIGHTS = (1.0, 0.5, 0.3)
HALF_LIFE = 100 * DAY

MOVIES = {
    f"tt{i:02}": popularity for i, popularity in enumerate([9, 8, 7, 6, 5, 4, 3, 2, 2, 1, 1, 0.5, 0, 0])
}
#: What is liked together: from, to, weight; one is negative.
TOGETHER = [
    ("tt00", "tt03", 0.30),
    ("tt00", "tt04", 0.20),
    ("tt00", "tt05", 0.05),
    ("tt01", "tt04", 0.25),
    ("tt01", "tt06", 0.10),
    ("tt01", "tt03", -0.04),
    ("tt02", "tt07", 0.40),
    ("tt06", "tt09", 0.50),
]
#: Person, role, movie; nm1 has two roles in a movie and counts once.
PEOPLE = [
    ("nm1", "DIRECTED", "tt00"),
    ("nm1", "WROTE", "tt00"),
    ("nm1", "DIRECTED", "tt05"),
    ("nm1", "ACTED_IN", "tt12"),
    ("nm2", "ACTED_IN", "tt01"),
    ("nm2", "ACTED_IN", "tt05"),
    ("nm2", "ACTED_IN", "tt08"),
    ("nm3", "WROTE", "tt02"),
    ("nm3", "WROTE", "tt13"),
    ("nm4", "ACTED_IN", "tt03"),
]
#: User, movie, rating, time; fan likes tt00 and tt01, and does not like tt02.
RATED = [
    ("fan", "tt00", 9.0, 1 * DAY),
    ("fan", "tt01", 8.0, 2 * DAY),
    ("fan", "tt02", 4.0, 3 * DAY),
    ("other", "tt02", 10.0, 3 * DAY),
    ("other", "tt06", 9.0, 4 * DAY),
]


class Ranked:
    """Calls the procedures, and has the scores by the formula."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def query(self, text: str, **parameters: Any) -> Rows:
        records, _, _ = self.connection.driver.execute_query(text, parameters)
        return [record.data() for record in records]

    def recommend(self, user: str = "fan", **configuration: Any) -> Rows:
        return self.query(
            "CALL kgrec.recommend($user, $configuration) YIELD movie, rank, score, rating, reasons, attentionMovies "
            "RETURN movie.tconst AS tconst, rank, score, rating, reasons, attentionMovies",
            user=user,
            configuration=configuration,
        )

    def movies(self, user: str = "fan", **configuration: Any) -> list[str]:
        return [row["tconst"] for row in self.recommend(user, **configuration)]

    def explain(self, tconst: str, user: str = "fan", **configuration: Any) -> dict[str, Any]:
        (row,) = self.query(
            "CALL kgrec.explain($user, $tconst, $configuration)",
            user=user,
            tconst=tconst,
            configuration=configuration,
        )
        return row

    def people(self) -> tuple[dict[str, set[str]], dict[str, float], dict[str, float]]:
        """People of each movie, the idf of each person and the norm of each movie."""
        of: dict[str, set[str]] = defaultdict(set)
        for person, _, movie in PEOPLE:
            of[movie].add(person)
        count = {p: sum(p in people for people in of.values()) for p, _, _ in PEOPLE}
        idf = {p: math.log(len(of) / n) for p, n in count.items()}
        return of, idf, {m: math.sqrt(sum(idf[p] ** 2 for p in of[m])) for m in of}

    def scores(
        self,
        ratings: dict[str, float],
        weights: tuple[float, float, float] = WEIGHTS,
        popularity: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Scores of the movies that are not among the ratings, by the formula."""
        liked, popularity = [m for m, rating in ratings.items() if rating >= 8], popularity or MOVIES
        of, idf, norm = self.people()
        unrated = [m for m in MOVIES if m not in ratings]
        e = {m: sum(w for a, b, w in TOGETHER if a in liked and b == m) for m in unrated}
        f = {
            m: sum(
                idf[p] ** 2 / norm[a] / norm[m] for a in liked for p in of.get(m, set()) & of.get(a, set())
            )
            for m in unrated
        }
        total = dict.fromkeys(unrated, 0.0)
        for weight, part in zip(weights, (e, f, {m: popularity[m] for m in unrated}), strict=True):
            mean = sum(part.values()) / len(part)
            deviation = math.sqrt(sum((x - mean) ** 2 for x in part.values()) / len(part))
            for m in unrated:
                total[m] += weight * part[m] / deviation if deviation > 1e-12 else 0
        return total

    def ranking(self, scores: dict[str, float]) -> list[str]:
        return sorted(scores, key=lambda m: (-scores[m], zlib.crc32(m.encode())))


FAN = {m: rating for user, m, rating, _ in RATED if user == "fan"}


@pytest.fixture
def ranked(graph: Connection) -> Iterator[Ranked]:
    ranked = Ranked(graph)
    ranked.query("MATCH (n) DETACH DELETE n")
    _, idf, norm = ranked.people()
    counts = {m: int(2 * popularity) for m, popularity in MOVIES.items()}
    ranked.query(
        "UNWIND $rows AS row CREATE (m:Movie {tconst: row.tconst}) SET m += row",
        rows=[
            {"tconst": m, "popularity": float(p), "ratingCount": counts[m], "peopleNorm": norm.get(m, 0.0)}
            for m, p in MOVIES.items()
        ],
    )
    ranked.query(
        "UNWIND $rows AS row MATCH (a:Movie {tconst: row[0]}), (b:Movie {tconst: row[1]}) "
        "CREATE (a)-[:LIKED_TOGETHER {weight: row[2]}]->(b)",
        rows=TOGETHER,
    )
    ranked.query(
        "UNWIND $rows AS row MATCH (m:Movie {tconst: row[2]}) MERGE (p:Person {nconst: row[0]}) "
        "SET p.idf = $idf[row[0]] CREATE (p)-[:$(row[1])]->(m)",
        rows=PEOPLE,
        idf=idf,
    )
    ranked.query("CREATE (:User {userId: 'new'})")
    ranked.query(
        "UNWIND $rows AS row MATCH (m:Movie {tconst: row[1]}) MERGE (u:User {userId: row[0]}) "
        "CREATE (u)-[:RATED {rating: row[2], ratedAt: row[3]}]->(m)",
        rows=RATED,
    )
    for model, weights, created in [("one", (0.0, 0.0, 1.0), "2024-01-01"), ("two", WEIGHTS, "2024-01-02")]:
        ranked.query(
            "CREATE (:ModelRun {id: $id, created: datetime($created), rankingLikedTogether: $w[0], "
            "rankingPeople: $w[1], rankingPopularity: $w[2], popularityHalfLife: $halfLife, rankingDigest: $id})",
            id=model,
            created=created,
            w=weights,
            halfLife=HALF_LIFE,
        )
    yield ranked
    ranked.query("MATCH (n) DETACH DELETE n")


def test_ranks_by_the_formula(ranked):
    scores = ranked.scores(FAN)
    rows = ranked.recommend(topK=5)
    assert [row["tconst"] for row in rows] == ranked.ranking(scores)[:5]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
    for row in ranked.recommend(topK=1000):
        assert row["score"] == pytest.approx(scores.pop(row["tconst"]), abs=1e-12)
    assert not scores


def test_without_liked_movies_popularity_ranks_and_ties_go_by_crc32(ranked):
    expected = ranked.ranking(MOVIES)
    assert ranked.movies("new", topK=14) == expected
    assert expected.index("tt08") < expected.index("tt07") or zlib.crc32(b"tt07") < zlib.crc32(b"tt08")
    assert {reason["type"] for row in ranked.recommend("new") for reason in row["reasons"]} == {
        "popularity",
        "other",
    }


@pytest.mark.parametrize("reasons", [0, 1, 3])
def test_reasons_sum_to_the_score_and_name_the_strongest(ranked, reasons):
    rows = {row["tconst"]: row for row in ranked.recommend(topK=14, reasons=reasons)}
    for row in rows.values():
        assert sum(reason["part"] for reason in row["reasons"]) == pytest.approx(row["score"], abs=1e-12)
        for kind in ("likedTogether", "people"):
            assert sum(reason["type"] == kind for reason in row["reasons"]) <= reasons
    if reasons:
        named = [(r["type"], r["tconst"]) for r in rows["tt04"]["reasons"] if "tconst" in r]
        assert named == [("likedTogether", "tt01"), ("likedTogether", "tt00")][:reasons]
        (person,) = [r for r in rows["tt12"]["reasons"] if r["type"] == "people"]
        assert person["nconst"] == person["person"]["nconst"] == "nm1"
        # The negative weight to tt03 is no reason for it, but part of its score.
        assert rows["tt03"]["reasons"][-1]["type"] == "other"
        assert rows["tt03"]["reasons"][-1]["part"] < 0


def test_filters_choose_movies_and_leave_scores(ranked):
    every = {row["tconst"]: row["score"] for row in ranked.recommend(topK=14)}
    order = list(every)
    (rows,) = ranked.query(
        "MATCH (:Person {nconst: 'nm2'})-[:ACTED_IN]->(m:Movie) WITH collect(m) AS candidates "
        "CALL kgrec.recommend('fan', {candidates: candidates}) YIELD movie, score "
        "RETURN collect([movie.tconst, score]) AS rows"
    )
    assert rows["rows"] == [[m, every[m]] for m in order if m in ("tt05", "tt08")]  # tt01 is rated
    few = ranked.recommend(minRatings=8)
    assert [(row["tconst"], row["score"]) for row in few] == [(m, every[m]) for m in order if MOVIES[m] >= 4]
    assert ranked.movies(candidates=["tt13", "tt03", "tt03", "tt00"]) == [
        m for m in order if m in ("tt03", "tt13")
    ]
    assert ranked.movies(candidates=[]) == []


def test_a_history_without_a_user_gets_the_same_list(ranked):
    history = [{"tconst": m, "rating": rating} for m, rating in FAN.items()]
    rows = ranked.query(
        "CALL kgrec.recommend.forHistory($history, {topK: 14}) YIELD movie, rank, score, reasons "
        "RETURN movie.tconst AS tconst, rank, score, reasons",
        history=history,
    )
    same = ranked.recommend(topK=14)
    assert rows == [{key: row[key] for key in rows[0]} for row in same]


def test_ratings_of_the_callers_transaction_count(ranked):
    before = ranked.movies(topK=14)
    with ranked.connection.driver.session() as session, session.begin_transaction() as transaction:
        transaction.run(
            "MATCH (u:User {userId: 'fan'}), (m:Movie {tconst: 'tt06'}) CREATE (u)-[:RATED {rating: 9.5, ratedAt: 9}]->(m)"
        )
        rows = transaction.run(
            "CALL kgrec.recommend('fan', {topK: 14}) YIELD movie RETURN movie.tconst AS tconst"
        ).data()
        transaction.rollback()
    assert [row["tconst"] for row in rows] == ranked.ranking(ranked.scores(FAN | {"tt06": 9.5}))
    assert ranked.movies(topK=14) == before


@pytest.mark.parametrize(
    ("model", "change", "movie"),
    [
        ("two", "MATCH (:Movie {tconst: 'tt00'})-[r:LIKED_TOGETHER]->(:Movie {tconst: 'tt05'}) SET r.weight = 9.0", "tt05"),
        ("two", "MATCH (a:Movie {tconst: 'tt00'}), (b:Movie {tconst: 'tt10'}) CREATE (a)-[:LIKED_TOGETHER {weight: 9.0}]->(b)", "tt10"),
        ("two", "MATCH ()-[r:LIKED_TOGETHER]->(m) WHERE m.tconst <> 'tt05' DELETE r", "tt05"),
        ("two", "MATCH ()-[r:LIKED_TOGETHER]->(m) WHERE m.tconst <> 'tt05' REMOVE r.weight", "tt05"),
        ("people", "MATCH (a:Person {nconst: 'nm1'})-->(m {tconst: 'tt05'}) MATCH (a)-[r]->(m) DELETE r", "tt08"),
        ("people", "MATCH (a:Person {nconst: 'nm2'}), (m:Movie {tconst: 'tt12'}) CREATE (a)-[:ACTED_IN]->(m)", "tt12"),
        ("people", "MATCH (a:Person {nconst: 'nm1'}) SET a.idf = 0.0", "tt08"),
        ("one", "MATCH (m:Movie {tconst: 'tt11'}) SET m.popularity = 1000.0", "tt11"),
        ("one", "CREATE (:Movie {tconst: 'tt99', popularity: 1000.0})", "tt99"),
        ("one", "MATCH (m:Movie) WHERE m.tconst IN ['tt03', 'tt04'] REMOVE m:Movie", "tt05"),
        ("one", "MATCH (m:Movie) WHERE m.tconst IN ['tt03', 'tt04'] DETACH DELETE m", "tt05"),
        ("one", "MATCH (run:ModelRun {id: 'one'}) SET run.rankingPopularity = 0.0, run.rankingLikedTogether = 1.0", "tt04"),
    ],
)  # fmt: skip
def test_committed_changes_of_the_graph_count_at_once(ranked, model, change, movie):
    ranked.query(
        "CREATE (:ModelRun {id: 'people', rankingLikedTogether: 0.0, rankingPeople: 1.0, rankingPopularity: 0.0, "
        "rankingDigest: 'people'})"
    )
    assert ranked.movies(modelId=model)[0] != movie
    ranked.query(change)
    assert ranked.movies(modelId=model)[0] == movie


def test_changes_that_are_not_committed_are_not_kept_for_others(ranked):
    ranked.query("MATCH (m:Movie {tconst: 'tt11'}) SET m.popularity = 0.4")  # nothing is in memory now
    with ranked.connection.driver.session() as session, session.begin_transaction() as transaction:
        transaction.run("MATCH (m:Movie {tconst: 'tt11'}) SET m.popularity = 1000.0").consume()
        transaction.run("MATCH (:Movie)-[r:LIKED_TOGETHER]->(:Movie) SET r.weight = 0.0").consume()
        transaction.run("CALL kgrec.recommend('fan')").consume()
        transaction.rollback()
    assert ranked.movies(topK=14) == ranked.ranking(ranked.scores(FAN, popularity=MOVIES | {"tt11": 0.4}))


def test_another_user_of_the_database_is_answered_from_its_own_reading(ranked, another_user):
    ask = "CALL kgrec.recommend('fan', {topK: 14}) YIELD movie RETURN collect(movie.tconst) AS movies"
    for popularity in (0.0, 1000.0):
        ranked.query("MATCH (m:Movie {tconst: 'tt11'}) SET m.popularity = $it", it=popularity)
        expected = ranked.ranking(ranked.scores(FAN, popularity=MOVIES | {"tt11": popularity}))
        assert ranked.movies(topK=14) == expected
        assert another_user.execute_query(ask).records[0]["movies"] == expected


def test_a_promoted_or_named_run_ranks(ranked):
    assert ranked.movies(topK=14, modelId="one") == ranked.ranking(ranked.scores(FAN, (0, 0, 1)))
    ranked.query("MATCH (run:ModelRun {id: 'one'}) SET run.promoted = true")
    assert ranked.movies(topK=14) == ranked.ranking(ranked.scores(FAN, (0, 0, 1)))
    assert ranked.movies(topK=14, modelId="two") == ranked.ranking(ranked.scores(FAN))


def test_places_for_new_movies_go_by_shared_people(ranked):
    usual = ranked.movies(topK=14)
    # tt10 to tt13 have at most two ratings; fan likes a movie of nm1 (tt12), but none of nm3 (tt13).
    assert "tt12" not in usual[:4]
    assert ranked.movies(topK=4, newPlaces=2) == [*usual[:3], "tt12"]
    # A movie that its score would bring higher stands there too.
    ranked.query("MATCH (m:Movie {tconst: 'tt05'}) SET m.ratingCount = 2")
    assert usual.index("tt05") < 3
    others = [m for m in usual if m not in ("tt05", "tt12")]
    assert ranked.movies(topK=4, newPlaces=2) == [*others[:2], "tt05", "tt12"]
    assert ranked.movies(topK=4, newPlaces=2, minRatings=3)[-1] not in ("tt05", "tt12")


def test_diversity_is_maximal_marginal_relevance(ranked):
    vectors = {m: [1.0, 0.1 * i] if i % 3 else [0.1 * i, -1.0] for i, m in enumerate(MOVIES) if m != "tt04"}
    ranked.query(
        "UNWIND $rows AS row MATCH (m:Movie {tconst: row[0]}) SET m.fastRP = row[1]",
        rows=[list(row) for row in vectors.items()],
    )
    assert ranked.movies(topK=6, diversity=0.7) == ranked.movies(topK=6)  # the run reads no vectors
    ranked.query("MATCH (run:ModelRun {id: 'two'}) SET run.embeddings = 'fastrp'")
    scores = ranked.scores(FAN)

    def cosine(one: str, other: str) -> float:
        a, b = vectors.get(one), vectors.get(other)
        return (
            sum(x * y for x, y in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)
            if a and b
            else 0.0
        )

    for diversity in (0.3, 0.7):
        left, listed, low, high = ranked.ranking(scores), [], min(scores.values()), max(scores.values())
        while len(listed) < 6:
            value = {
                m: (1 - diversity) * (scores[m] - low) / (high - low)
                - diversity * max((cosine(m, seen) for seen in listed), default=0.0)
                for m in left
            }
            listed.append(max(left, key=lambda m: value[m]))
            left.remove(listed[-1])
        assert ranked.movies(topK=6, diversity=diversity) == listed != ranked.movies(topK=6)


@pytest.mark.parametrize(
    "moment", ["3 * 86400", "datetime({epochSeconds: 3 * 86400})", "datetime('1970-01-03T23:59:59.5Z')"]
)
def test_as_of_a_time_only_earlier_ratings_count(ranked, moment):
    at = 3 * DAY
    before = {m: rating for user, m, rating, time_ in RATED if user == "fan" and time_ < at}
    popularity = dict.fromkeys(MOVIES, 0.0)
    for _, m, _, rated_at in RATED:
        popularity[m] += 0.5 ** ((at - rated_at) / HALF_LIFE) if rated_at < at else 0
    rows = ranked.query(
        f"CALL kgrec.recommend('fan', {{topK: 14, asOf: {moment}}}) YIELD movie, score RETURN movie.tconst AS m, score"
    )
    scores = ranked.scores(before, popularity=popularity)
    assert "tt02" in scores
    assert [row["m"] for row in rows] == ranked.ranking(scores)
    assert {row["m"]: row["score"] for row in rows} == pytest.approx(scores)
    assert ranked.movies(asOf=at, minRatings=1) == []  # what has been rated by then, fan has rated


def test_explains_rank_score_and_parts(ranked):
    rows = {row["tconst"]: row for row in ranked.recommend(topK=14)}
    for tconst, row in rows.items():
        explained = ranked.explain(tconst)
        assert [explained[key] for key in ("rank", "score", "reasons")] == [
            row[key] for key in ("rank", "score", "reasons")
        ]
        assert explained["movie"]["tconst"] == tconst
    assert ranked.explain("tt13", minRatings=5)["rank"] is None


def test_counterfactuals_hold_when_the_ratings_are_deleted(ranked):
    # More liked movies, so that one or two must go.
    ranked.query(
        "MATCH (u:User {userId: 'fan'}), (m:Movie) WHERE m.tconst IN ['tt06', 'tt10'] "
        "CREATE (u)-[:RATED {rating: 9.0, ratedAt: 5 * 86400}]->(m)"
    )
    ranked.query(
        "UNWIND ['tt06', 'tt10'] AS tconst MATCH (l:Movie {tconst: tconst}), (m:Movie {tconst: 'tt09'}) "
        "MERGE (l)-[r:LIKED_TOGETHER]->(m) SET r.weight = 0.9"
    )
    sizes = set()
    for k in (1, 2, 3, 4):
        for tconst in ranked.movies(topK=k):
            for found in ranked.explain(tconst, topK=k)["counterfactuals"]:
                left = [row["tconst"] for row in found["leftOut"]]
                sizes.add(len(left))
                assert found["effect"] == "leavesTopK"
                assert found["rank"] > k
                with (
                    ranked.connection.driver.session() as session,
                    session.begin_transaction() as transaction,
                ):
                    transaction.run(
                        "MATCH (:User {userId: 'fan'})-[r:RATED]->(m:Movie) WHERE m.tconst IN $left DELETE r",
                        left=left,
                    ).consume()
                    again = transaction.run(
                        "CALL kgrec.recommend('fan', {topK: 14}) YIELD movie, rank, score "
                        "RETURN movie.tconst AS m, rank, score"
                    ).data()
                    transaction.rollback()
                (row,) = [row for row in again if row["m"] == tconst]
                assert (row["rank"], row["score"]) == (found["rank"], pytest.approx(found["score"]))
                assert tconst not in [row["m"] for row in again[:k]]
                # Not only because the movies whose ratings are gone take the place.
                assert [row["m"] for row in again if row["m"] not in left].index(tconst) >= k
    assert sizes >= {1, 2}
    assert ranked.explain(ranked.movies(topK=1)[0], topK=1, counterfactuals=0)["counterfactuals"] == []


def test_an_undecided_list_has_no_counterfactual(ranked):
    # Popularity alone brings it in.
    assert ranked.explain("tt00", user="new", topK=1)["counterfactuals"] == []
    # It is not in the top k.
    assert ranked.explain(ranked.movies(topK=5)[-1], topK=4)["counterfactuals"] == []


def test_without_a_network_in_the_graph_ratings_are_null(ranked):
    assert {(row["rating"], row["attentionMovies"]) for row in ranked.recommend(ratings=True)} == {
        (None, None)
    }


@pytest.mark.parametrize(
    ("user", "configuration", "message"),
    [
        ("nobody", {}, "There is no user `nobody` in database `neo4j`"),
        ("fan", {"topk": 5}, "Unexpected configuration key: topk (Did you mean `topK`?)"),
        ("fan", {"divresity": 0.5}, "Unexpected configuration key: divresity (Did you mean `diversity`?)"),
        ("fan", {"topK": 0}, "Value for `topK` was `0`, but must be within the range [1, 1000]"),
        ("fan", {"topK": 10**9}, "range [1, 1000]: the answer is held in memory"),
        ("fan", {"topK": 10**15}, "range [1, 1000]: the answer is held in memory"),
        ("fan", {"topK": "ten"}, "The value of `topK` must be of type `Integer` but was `String`"),
        ("fan", {"minRatings": -1}, "Value for `minRatings`"),
        ("fan", {"reasons": 101}, "Value for `reasons`"),
        (
            "fan",
            {"diversity": 1.5},
            "Value for `diversity` was `1.5`, but must be within the range [0.0, 1.0]",
        ),
        ("fan", {"diversity": math.nan}, "Value for `diversity` was `NaN`"),
        ("fan", {"newPlaces": 11}, "within the range [0, 10]: there are `topK` places"),
        ("fan", {"candidates": "tt03"}, "must be a list of Movie nodes"),
        ("fan", {"candidates": [3]}, "must be a list of Movie nodes"),
        ("fan", {"candidates": ["tt77"]}, "There is no movie `tt77`"),
        ("fan", {"asOf": "2015"}, "The value of `asOf` must be epoch seconds (`Integer`) or a `DateTime`"),
        ("fan", {"modelId": "three"}, "There is no model run `three` in database `neo4j`"),
    ],
)
def test_invalid_calls_are_refused_in_a_sentence(ranked, user, configuration, message):
    with pytest.raises(ClientError) as refused:
        ranked.recommend(user, **configuration)
    assert message in refused.value.message
    assert ranked.movies() == ranked.ranking(ranked.scores(FAN))[:10]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("CALL kgrec.explain('fan', 'tt77')", "There is no movie `tt77`"),
        ("CALL kgrec.explain('fan', 7)", "must be a Movie node, or its tconst, but was `7`"),
        ("CALL kgrec.explain('fan', 'tt00')", "Movie `tt00` is rated by user `fan`"),
        ("CALL kgrec.explain('fan', 'tt03', {counterfactuals: 4})", "range [0, 3]"),
        ("CALL kgrec.explain('fan', 'tt03', {diversity: 0.5})", "Unexpected configuration key: diversity"),
        ("MATCH (u:User {userId: 'new'}) CALL kgrec.recommend('fan', {candidates: [u]}) YIELD rank RETURN rank", "a node without"),
        ("CALL kgrec.recommend.forHistory([{tconst: 'tt77', rating: 5}])", "There is no movie `tt77`"),
        ("CALL kgrec.recommend.forHistory([{tconst: 'tt01', rating: 11}])", "Entry 0 of the history"),
        ("CALL kgrec.recommend.forHistory([{movie: 'tt01', rating: 9}])", "Entry 0 of the history"),
        ("CALL kgrec.recommend.forHistory([{tconst: 'tt01', rating: 9}, {tconst: 'tt01', rating: 8}])", "twice"),
    ],
)  # fmt: skip
def test_other_invalid_calls_are_refused_in_a_sentence(ranked, query, message):
    with pytest.raises(ClientError) as refused:
        ranked.query(query)
    assert message in refused.value.message


def test_a_graph_without_a_ranking_says_so(ranked):
    ranked.query("MATCH (run:ModelRun) REMOVE run.rankingDigest")
    with pytest.raises(ClientError, match="No model run in database `neo4j` has its ranking in the graph"):
        ranked.movies()
    with pytest.raises(
        ClientError, match="The ranking of model run `one` is not in the graph: another run's is"
    ):
        ranked.movies(modelId="one")


def test_the_procedures_only_read(ranked):
    rows = ranked.query(
        "SHOW PROCEDURES YIELD name, mode WHERE name =~ 'kgrec.(recommend|explain).*' RETURN name, mode"
    )
    assert {(row["name"], row["mode"]) for row in rows} == {
        (name, "READ") for name in ("kgrec.recommend", "kgrec.recommend.forHistory", "kgrec.explain")
    }


def test_a_terminated_transaction_stops_within_a_second(ranked):
    ranked.query("UNWIND range(1, 200000) AS i CREATE (:Movie {tconst: 'x' + i, popularity: 0.0})")
    failures: list[Neo4jError] = []

    def ask() -> None:
        try:
            ranked.query(
                "UNWIND range(1, 100000) AS i CALL kgrec.recommend('fan', {topK: 1000, diversity: 0.5}) YIELD rank "
                "RETURN count(*)"
            )
        except Neo4jError as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(1.5)
    start = time.monotonic()
    ranked.query(
        "SHOW TRANSACTIONS YIELD transactionId AS id, currentQuery "
        "WHERE currentQuery STARTS WITH 'UNWIND range(1, 100000)' "
        "TERMINATE TRANSACTIONS id YIELD message RETURN message"
    )
    thread.join(10)
    seconds = time.monotonic() - start
    assert not thread.is_alive()
    assert failures
    assert seconds < 1
