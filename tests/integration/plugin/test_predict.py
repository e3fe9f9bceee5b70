"""`kgrec.predict` and `kgrec.model.*` on a real server: the same answers as Python, and what is refused."""

import hashlib
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace

import neo4j
import numpy as np
import pytest
from neo4j.exceptions import Neo4jError

from kgrec_gds.data.baseline_estimates import BaselineFits
from kgrec_gds.data.pull import pull
from kgrec_gds.errors import ModelRunError
from kgrec_gds.serving import publish as publish_module
from kgrec_gds.serving.named_arrays import pack, texts
from kgrec_gds.serving.publish import network_bytes, publish

RUN = "published-run"
SAME = 1e-4
LATER = 1_000_000_000 + 3600 * 500


@pytest.fixture
def transaction(published) -> Iterator[neo4j.Transaction]:
    """A transaction that is rolled back."""
    with published.driver.session() as session, session.begin_transaction() as transaction:
        yield transaction
        transaction.rollback()


def rate(transaction, user, *ratings):
    for tconst, rating, at in ratings:
        transaction.run(
            "MATCH (m:Movie {tconst: $tconst}) MERGE (u:User {userId: $user}) MERGE (u)-[r:RATED]->(m) "
            "SET r.rating = $rating, r.ratedAt = $at",
            tconst=tconst,
            user=user,
            rating=rating,
            at=at,
        ).consume()


def unrated(published, user, count=3):
    rows = published.rows(
        "MATCH (m:Movie) WHERE NOT EXISTS { (:User {userId: $user})-[:RATED]->(m) } RETURN m.tconst AS tconst "
        "ORDER BY tconst LIMIT $count",
        user=user,
        count=count,
    )
    return [row["tconst"] for row in rows]


def problem(published, text, **parameters):
    with pytest.raises(Neo4jError) as error:
        published.rows(text, **parameters)
    return error.value.message


def test_ratings_and_attention_equal_python_s(published):
    assert max(published.worst(user) for user in published.dataset.user_ids[1:]) < SAME
    ratings = [
        answer["rating"] for answer in published.predict("u1", published.dataset.movies.tconst[1:]).values()
    ]
    assert np.std(ratings) > 0.1


def test_uncommitted_ratings_count_in_their_own_transaction_only(published, transaction):
    movies = unrated(published, "u2", 4)
    before = published.predict("u2", movies[3:])[movies[3]]
    # two of one second, which do not see each other
    rate(transaction, "u2", (movies[0], 10.0, LATER), (movies[1], 1.0, LATER), (movies[2], 9.0, LATER + 60))
    assert published.worst("u2", transaction) < SAME
    inside = published.predict("u2", movies[3:], transaction)[movies[3]]
    assert inside["attentionMovies"][-1] == movies[2]
    assert abs(inside["rating"] - before["rating"]) > 0.001
    assert published.predict("u2", movies[3:])[movies[3]] == before


def test_a_new_user_is_predicted_from_nothing_and_from_a_few_ratings(published, transaction):
    transaction.run("CREATE (:User {userId: 'new'})").consume()
    assert published.worst("new", transaction) < SAME
    assert published.predict("new", ["tt0000001"], transaction)["tt0000001"]["attentionMovies"] == []
    rate(transaction, "new", ("tt0000003", 9.0, LATER), ("tt0000009", 2.0, LATER + 7200))
    assert published.worst("new", transaction) < SAME


def test_a_rated_movie_is_predicted_without_its_rating_and_what_came_later(published, transaction):
    (row,) = published.rows(
        "MATCH (:User {userId: 'u3'})-[r:RATED]->(m:Movie) WITH r, m ORDER BY r.ratedAt DESC SKIP 1 LIMIT 1 "
        "RETURN m.tconst AS tconst, r.rating AS rating, r.ratedAt AS at"
    )
    before = published.predict("u3", [row["tconst"]])[row["tconst"]]
    rate(transaction, "u3", (row["tconst"], 11 - row["rating"], row["at"]))
    assert published.predict("u3", [row["tconst"]], transaction)[row["tconst"]] == before
    assert row["tconst"] not in before["attentionMovies"]


def test_a_movie_that_was_not_published_is_predicted_as_an_unknown_one(published, transaction):
    transaction.run("CREATE (:Movie {tconst: 'tt9999999'})").consume()
    answer = published.predict("u1", ["tt9999999"], transaction)["tt9999999"]
    assert 1 <= answer["rating"] <= 10
    assert sum(answer["attentionWeights"]) == pytest.approx(1, abs=1e-5)


def test_rows_come_in_the_order_of_the_movies(published):
    rows = published.rows(
        "MATCH (m:Movie) WITH collect(m) AS movies CALL kgrec.predict('u1', movies) YIELD movie "
        "WITH movies, collect(movie) AS found RETURN movies = found AS same"
    )
    assert rows == [{"same": True}]


def test_procedures_only_read(published):
    with published.driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
        assert session.run(
            "MATCH (m:Movie) WITH collect(m) AS ms CALL kgrec.predict('u1', ms) YIELD rating RETURN count(*)"
        ).single()
        assert session.run("CALL kgrec.model.refresh()").single()["loaded"]


def test_the_native_library_lies_in_the_server_s_folder(published, home):
    names = {path.name for path in (home / "server" / "native").glob("onnxruntime-*/*")}
    assert any("onnxruntime4j_jni" in name for name in names)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("kgrec.predict('nobody', [])", "There is no user `nobody` in database `neo4j`"),
        ("kgrec.predict(null, [])", "There is no user `null`"),
        ("kgrec.predict('u1', null)", "Expected a list of at most 1000000 movies, but it was null"),
        ("kgrec.predict('u1', [null])", "no movie; expected nodes labelled `Movie`"),
        ("kgrec.predict('u1', [u])", "A node without a `tconst` is no movie"),
        ("kgrec.predict('u1', [], {modlId: 'x'})", "modlId (Did you mean `modelId`?)"),
        ("kgrec.predict('u1', [m], {asOf: 1700000000000})", "Is a `ratedAt` or `asOf` in milliseconds?"),
        ("kgrec.predict('u1', [m], {asOf: 9223372036854775807})", "expected epoch seconds within"),
        ("kgrec.predict('u1', [], {asOf: 'now'})", "`asOf` was `now`, but must be a time in epoch seconds"),
        (
            "kgrec.predict('u1', [], {modelId: 'no-such-run'})",
            "There is no model run `no-such-run` in database",
        ),
        ("kgrec.model.load('no-such-run')", "CALL kgrec.model.list() shows those that are there"),
    ],
)
def test_questions_that_cannot_be_answered(published, call, message):
    column = "rating" if "predict" in call else "modelId"
    assert message in problem(
        published,
        f"MATCH (u:User {{userId: 'u1'}}), (m:Movie {{tconst: 'tt0000001'}}) CALL {call} YIELD {column} RETURN 1",
    )


def test_runs_of_other_models_and_unpublished_runs_are_refused(published):
    published.rows(
        "CREATE (:ModelRun {id: 'trees-run', model: 'trees'}), (:ModelRun {id: 'bare', model: 'attention_lstm'})"
    )
    try:
        said = problem(published, "CALL kgrec.predict('u1', [], {modelId: 'trees-run'})")
        assert "is of the model `trees`, which only Python can ask" in said
        assert "is not published in database `neo4j`" in problem(published, "CALL kgrec.model.load('bare')")
        listed = {row["modelId"]: row for row in published.rows("CALL kgrec.model.list()")}
        assert not listed["trees-run"]["published"]
        assert listed[RUN]["published"]
        published.rows("MATCH (run:ModelRun {id: 'trees-run'}) SET run.promoted = true")
        assert "`trees-run`" in problem(published, "CALL kgrec.predict('u1', [])")
    finally:
        published.rows("MATCH (run:ModelRun) WHERE run.id IN ['trees-run', 'bare'] DETACH DELETE run")


def network(published, **changes):
    """The published bytes with some arrays changed."""
    arrays = {}

    def keep(given):
        arrays.update(given)
        return b""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish_module, "pack", keep)
        network_bytes(published.model, published.dataset)
    return pack(arrays | changes)


def malformed(published):
    head = b"KGRECNET" + struct.pack("<ii", 1, 1)
    whole = network(published)
    yield b"something else than a network", "they do not begin with KGRECNET"
    yield b"", "`networkBytes` is 0"
    yield b"KGRECNET" + struct.pack("<ii", 9, 1), "their version is 9, expected 1"
    yield b"KGRECNET" + struct.pack("<ii", 1, 2**31 - 1), "they claim 2147483647 arrays"
    yield head + struct.pack("<hcbbqq", 1, b"a", 5, 2, 2**30, 2**30), "an array is too long"
    yield head + struct.pack("<hcbbq", 1, b"a", 5, 1, 2**30), "they end in an array"
    yield head + struct.pack("<hcbbq", 1, b"a", 5, 1, -1), "an array has the length -1"
    yield whole[: len(whole) // 2], "they end in an array"
    yield pack({"items": np.zeros((1, 1), np.float32)}), "array `known_until` is missing"
    yield network(published, encoder=np.zeros(100, np.uint8)), "ONNX Runtime cannot load it"
    yield network(published, columns=texts(["baseline", "horoscope"])), "cannot compute: horoscope"
    yield (
        network(published, items=np.zeros((len(published.dataset.movies), 3), np.float32)),
        "do not fit each other",
    )
    yield network(published, deviation=np.zeros(3)), "array `deviation` has 3 values"
    yield (
        network(
            published, genre_entity=np.full_like(published.dataset.movies.relations["genres"].indices, 10**6)
        ),
        "unknown entity",
    )


def test_malformed_networks_are_refused_and_the_server_lives_on(published):
    for content, message in malformed(published):
        published.publish_bytes("malformed", content)
        assert message in problem(published, "CALL kgrec.model.load('malformed')")
        published.rows("MATCH (run:ModelRun {id: 'malformed'})-[:HAS_PART]->(part) DETACH DELETE run, part")
    assert published.worst("u1") < SAME


def test_damaged_networks_are_refused(published):
    content = network(published)
    digest = hashlib.sha256(content).hexdigest()
    try:
        published.publish_bytes("damaged", content[:-1] + b"\x07", digest)
        assert "its SHA-256 is not the `networkDigest`" in problem(
            published, "CALL kgrec.model.load('damaged')"
        )
        published.rows(
            "MATCH (:ModelRun {id: 'damaged'})-[:HAS_PART]->(part) SET part.bytes = $it", it=content[:-9]
        )
        assert f"its parts hold {len(content) - 9} of" in problem(
            published, "CALL kgrec.model.load('damaged')"
        )
        published.rows("MATCH (:ModelRun {id: 'damaged'})-[:HAS_PART]->(part) SET part.bytes = 'text'")
        assert "a part holds no bytes" in problem(published, "CALL kgrec.model.load('damaged')")
        published.rows("MATCH (run:ModelRun {id: 'damaged'}) SET run.networkBytes = 999999999999")
        assert "its `networkBytes` is 999999999999" in problem(published, "CALL kgrec.model.load('damaged')")
    finally:
        published.rows("MATCH (run:ModelRun {id: 'damaged'})-[:HAS_PART]->(part) DETACH DELETE run, part")


def test_publishing_again_replaces_what_is_served(published, transaction):
    (before,) = published.rows("CALL kgrec.model.load()")
    movie = unrated(published, "u4", 1)
    known_until = published.dataset.now
    dataset = pull(published.connection, "fastrp", known_until)
    assert len(dataset.ratings) == len(published.dataset.ratings)
    again = publish(published.connection, RUN, published.model, dataset)
    assert again.digest == before["digest"]
    shorter = pull(published.connection, "fastrp", known_until)
    shorter = replace(shorter, ratings=shorter.ratings.take(slice(len(shorter.ratings) // 2)))
    try:
        assert publish(published.connection, RUN, published.model, shorter).digest != before["digest"]
        (listed,) = [row for row in published.rows("CALL kgrec.model.list()") if row["modelId"] == RUN]
        assert (listed["loaded"], listed["knownUntil"]) == (False, shorter.now)
        assert published.predict("u4", movie)
        parts = published.rows(
            "MATCH (:ModelRun {id: $id})-[:HAS_PART]->(part) RETURN DISTINCT part.digest AS digest", id=RUN
        )
        assert parts == [{"digest": listed["digest"]}]
    finally:
        publish(published.connection, RUN, published.model, published.dataset)
    assert published.worst("u4") < SAME


def test_refresh_brings_the_statistics_up_to_date_and_reads_no_uncommitted_rating(published):
    raters = ["u1", "u7", "u8", "newcomer"]
    ratings = [
        (user, key, LATER + 60 * (number // 2))
        for user in raters
        for number, key in enumerate(unrated(published, user))
    ]
    (before,) = published.rows("CALL kgrec.model.load()")
    try:
        with published.driver.session() as session, session.begin_transaction() as committed:
            for number, (user, key, at) in enumerate(ratings):
                rate(committed, user, (key, float(1 + number % 10), at))
            committed.commit()
        with published.driver.session() as session, session.begin_transaction() as uncommitted:
            rate(uncommitted, "u9", (unrated(published, "u9", 1)[0], 1.0, LATER + 10**6))
            renewed = uncommitted.run("CALL kgrec.model.refresh()").single()
            uncommitted.rollback()
        assert (before["knownUntil"], renewed["knownUntil"]) == (published.dataset.now, LATER + 61)
        dataset = pull(published.connection, "fastrp")
        assert dataset.now == LATER + 61
        fits = [len(BaselineFits(each).events) for each in (published.dataset, dataset)]
        assert fits[0] == fits[1], "a refit between would change the baseline estimates"
        fresh = replace(published, dataset=dataset)
        assert max(fresh.worst(user) for user in dataset.user_ids[1:]) < SAME
    finally:
        published.rows("MATCH (:User)-[r:RATED]->() WHERE r.ratedAt >= $at DELETE r", at=LATER)
        published.rows("MATCH (u:User {userId: 'newcomer'}) DETACH DELETE u")
        published.rows("CALL kgrec.model.unload()")
    assert published.worst("u1") < SAME


def test_publishing_a_run_that_is_not_recorded_is_refused(published):
    with pytest.raises(ModelRunError, match="does not record a model run 'no-such-run'"):
        publish(published.connection, "no-such-run", published.model, published.dataset)


def test_a_model_unloaded_while_it_is_used_answers_those_who_use_it(published):
    movies, failures, stop = list(published.dataset.movies.tconst[1:]), [], threading.Event()
    expected = published.predict("u5", movies)

    def ask():
        try:
            while not stop.is_set():
                assert published.predict("u5", movies) == expected
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):
        published.rows("CALL kgrec.model.unload()" if number % 2 else "CALL kgrec.model.refresh()")
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures


def test_unloading_leaves_the_network_in_the_graph(published):
    published.rows("CALL kgrec.model.load()")
    assert [row["modelId"] for row in published.rows("CALL kgrec.model.unload($id)", id=RUN)] == [RUN]
    assert published.rows("CALL kgrec.model.unload($id)", id=RUN) == []
    (listed,) = [row for row in published.rows("CALL kgrec.model.list()") if row["modelId"] == RUN]
    assert (listed["published"], listed["loaded"]) == (True, False)
    assert published.worst("u6") < SAME
