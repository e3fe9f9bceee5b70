"""The features against their definition, written query by query in plain Python: slow, and easy to believe."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kgrec_gds.data import baseline_estimates
from kgrec_gds.data.baseline_estimates import BaselineSettings
from kgrec_gds.data.dataset import RELATIONS, Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.errors import InputError
from kgrec_gds.features import entities, item_similarity, ridge_regression, rolling_statistics
from kgrec_gds.features.baseline import Baseline
from kgrec_gds.features.block import Block
from kgrec_gds.features.blocks import BLOCKS
from kgrec_gds.features.gaussian_process import batching, kernel
from kgrec_gds.features.table import Features

START, STEP = 1_000_000_000, 40_000
NEVER = 36500 * 86400
GAUSSIAN_PROCESS = ("gaussian_process", "gaussian_process_vectors")
DELAYS = st.sampled_from([0, 1, 600, 90_000, 3_000_000])


@pytest.fixture(autouse=True, scope="module")
def small_settings() -> Iterator[None]:
    """Settings so small that even short histories cross every border."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baseline_estimates, "SETTINGS", BaselineSettings(first_fit=7, growth=1.3))
        for module, values in {
            item_similarity: {"LATEST": 5},
            batching: {"BLOCK_STEPS": 4, "EARLIER_STEPS": 2},
            entities: {"_ROWS_A_PART": 5},
        }.items():
            for name, value in values.items():
                patch.setattr(module, name, value)
        yield


def _shrunken(rows, field: int, deviation, shrinkage: float) -> dict[int, float]:
    grouped: dict[int, list[float]] = {}
    for row in rows:
        grouped.setdefault(row[field], []).append(deviation(row))
    return {key: sum(values) / (len(values) + shrinkage) for key, values in grouped.items()}


def _unit(vector) -> np.ndarray:
    wide = np.array(vector, np.float64)
    return wide / max(float(np.linalg.norm(wide)), 1e-12)


def _rounded(vectors) -> np.ndarray:
    return np.array([np.round(_unit(vector) * 2**11) / 2**11 for vector in vectors])


def _check(names: tuple[str, ...], values: np.ndarray, expected: dict) -> None:
    assert set(expected) == set(names)
    for name, value in zip(names, values, strict=True):
        assert value == pytest.approx(expected[name], rel=3e-5, abs=3e-5), name


class Oracle:
    """Every feature of one query, from a list of (time, user, movie, rating).

    `known` is the time before which ratings are known, `at` that of the rating that is predicted.
    """

    def __init__(self, data: Dataset) -> None:
        self.data = data
        r = data.ratings
        columns = (r.rated_at, r.user_index, r.movie_index, r.rating)
        self.log = [
            tuple(float(x) if k == 3 else int(x) for k, x in enumerate(row))
            for row in zip(*columns, strict=True)
        ]
        self.residual = []
        for t, u, m, rating in self.log:
            residual = round((rating - sum(self.baseline(u, m, t))) * 2**20) / 2**20
            self.residual.append(min(max(residual, -4.0), 4.0))

    def baseline(self, user: int, movie: int, t: int) -> tuple[float, float, float]:
        s = baseline_estimates.SETTINGS
        by_user, by_movie, mean, fitted = {}, {}, s.prior, 0
        size = s.first_fit
        while size <= len(self.log) and self.log[size - 1][0] < t:
            until = self.log[size - 1][0]
            past = [row for row in self.log if row[0] <= until]
            mean = sum(row[3] for row in past) / len(past)
            for _ in range(s.sweeps):
                by_movie = _shrunken(
                    past,
                    2,
                    lambda row, b=by_user, mean=mean: row[3] - mean - b.get(row[1], 0),
                    s.movie_shrinkage,
                )
                by_user = _shrunken(
                    past,
                    1,
                    lambda row, b=by_movie, mean=mean: row[3] - mean - b.get(row[2], 0),
                    s.user_shrinkage,
                )
            fitted = len(past)
            size = max(int(fitted * s.growth), fitted + s.first_fit)
        fixed_user, fixed_movie = by_user, by_movie

        def user_deviation(user: int, t: int) -> float:
            rows = [row for row in self.log if row[1] == user and row[0] < t]
            return sum(row[3] - mean - fixed_movie.get(row[2], 0) for row in rows) / (
                len(rows) + s.user_shrinkage
            )

        rows = [(k, row) for k, row in enumerate(self.log) if row[2] == movie and row[0] < t]
        total = sum(
            row[3] - mean - (fixed_user.get(row[1], 0) if k < fitted else user_deviation(row[1], row[0]))
            for k, row in rows
        )
        return mean, user_deviation(user, t), total / (len(rows) + s.movie_shrinkage)

    def known(self, user: int, t: int) -> list[tuple[tuple, float]]:
        """The user's ratings before t, each with its residual."""
        return [
            (row, e) for row, e in zip(self.log, self.residual, strict=True) if row[1] == user and row[0] < t
        ]

    def statistics(
        self, field: int, key: int, known: int, at: int, *, spans, time_constants, last: int
    ) -> dict[str, float]:
        rows = [
            (row[0], e)
            for row, e in zip(self.log, self.residual, strict=True)
            if row[field] == key and row[0] < known
        ]
        n, shrink = len(rows), rolling_statistics.SHRINKAGE
        out = {
            "count": math.log1p(n),
            "residual_mean": sum(e for _, e in rows) / (n + shrink),
            "residual_size": math.sqrt((sum(e**2 for _, e in rows) + 4 * shrink) / (n + shrink)),
        }
        for span in spans:
            weights = [(1 - 2 / (span + 1)) ** (n - 1 - k) for k in range(n)]
            total = sum(w * e for w, (_, e) in zip(weights, rows, strict=True))
            out[f"residual_ewma{span}"] = total / (sum(weights) + 1)
        for name, seconds in time_constants.items():
            weights = [math.exp(-(at - t) / seconds) for t, _ in rows]
            total = sum(w * e for w, (_, e) in zip(weights, rows, strict=True))
            out[f"residual_{name}"] = total / (sum(weights) + 1)
            out[f"count_{name}"] = math.log1p(sum(weights))
        for step in range(1, last + 1):
            out[f"residual_last{step}"] = rows[-step][1] if n >= step else 0.0
        out["gap"] = math.log1p((at - rows[-1][0] if n else NEVER) / 60)
        out["age"] = math.log1p((at - rows[0][0] if n else NEVER) / 60)
        return out

    def relations(self, user: int, movie: int, known: int, user_mean: float) -> dict[str, float]:
        out = {}
        for relation in RELATIONS:
            name, links = relation[:-1], self.data.movies.relations[relation]
            linked = links.of(movie).tolist()
            own, others = [], []
            for entity in linked:
                met = [
                    (row, e)
                    for row, e in zip(self.log, self.residual, strict=True)
                    if row[0] < known and entity in links.of(row[2])
                ]
                own.append([e for row, e in met if row[1] == user])
                others.append([e for row, e in met if row[2] != movie])
            shrink = entities.ENTITY_SHRINKAGE
            means = [sum(e) / (len(e) + shrink) for e in others]
            out[f"graph_{name}_residual"] = sum(means) / max(len(linked), 1)
            out[f"graph_{name}_count"] = math.log1p(sum(map(len, others)))
            number, shrink = sum(map(len, own)), entities.USER_SHRINKAGE
            out[f"graph_user_{name}_residual"] = sum(map(sum, own)) / (number + shrink)
            if relation == "genres":
                means = [(sum(e) + 5 * user_mean) / (len(e) + 5) for e in own] or [user_mean]
                out["user_genre_mean"] = float(np.mean(means))
        return out

    def genre_vectors(self) -> np.ndarray:
        genres, years = self.data.movies.relations["genres"], self.data.movies.year
        vectors = []
        for movie in range(len(years)):
            flags = [float(k in genres.of(movie)) for k in range(len(genres.keys))]
            period = [math.exp(-((years[movie] - c) ** 2) / 72) for c in range(1896, 2050, 8)]
            vectors.append([*_unit(flags), *_unit(np.nan_to_num(period))])
        return _rounded(vectors)

    def similarity(self, user: int, movie: int, known: int) -> dict[str, float]:
        vectors, prefix = _rounded(self.data.vectors.movies), "item_similarity"
        rows = self.known(user, known)[-item_similarity.LATEST :]
        cosine = [max(float(vectors[movie] @ vectors[row[2]]), 0.0) for row, _ in rows]
        out = {}
        for power in (2, 8):
            weights = [c**power for c in cosine]
            total = sum(w * e for w, (_, e) in zip(weights, rows, strict=True))
            out[f"{prefix}_{power}_residual"] = total / (sum(weights) + 1)
            out[f"{prefix}_{power}_weight"] = math.log1p(sum(weights))
        nearest = max(cosine, default=0.0)
        out[f"{prefix}_nearest_cosine"] = nearest
        equally_near = [e for c, (_, e) in zip(cosine, rows, strict=True) if c == nearest > 0]
        out[f"{prefix}_nearest_residual"] = equally_near[-1] if equally_near else 0.0
        return out

    def covariates(self, movie: int, known: int, at: int) -> np.ndarray:
        year = float(self.data.movies.year[movie])
        year = datetime.fromtimestamp(at, UTC).year if math.isnan(year) else year
        count = math.log1p(sum(row[2] == movie and row[0] < known for row in self.log))
        return np.array([(year - 1995) / 12, (count - 4) / 1.5, self.baseline(0, movie, known)[2] * 2])

    def ridge(self, user: int, movie: int, known: int, at: int) -> float:
        rows = self.known(user, known)
        x = np.array([[1, *self.covariates(row[2], row[0], row[0])] for row, _ in rows]).reshape(-1, 4)
        y = np.array([e for _, e in rows])
        weights = np.linalg.solve(x.T @ x + ridge_regression.RIDGE * np.eye(4), x.T @ y)
        return float(weights @ [1, *self.covariates(movie, known, at)])

    def gaussian_process(self, user: int, movie: int, known: int, at: int) -> dict[str, float]:
        k = kernel
        steps = [(*row, e) for row, e in self.known(user, known)]
        if not steps:
            return dict.fromkeys(GAUSSIAN_PROCESS, 0.0)
        place = {row: number for number, row in enumerate(steps)}
        block = (len(steps) - 1) // batching.BLOCK_STEPS * batching.BLOCK_STEPS
        steps = steps[max(block - batching.EARLIER_STEPS, 0) :]
        genres, vectors = self.genre_vectors(), _rounded(self.data.vectors.movies)
        query = (at, user, movie)
        seen = {row: self.covariates(row[2], row[0], row[0]) for row in steps}
        seen[query] = self.covariates(movie, known, at)

        def covariance(one: tuple, other: tuple) -> np.ndarray:
            apart, (m, n) = abs(place.get(one, len(place)) - place[other]), (one[2], other[2])
            burst = 1 / (1 + apart / k.BURST_STEPS)
            of_ratings = np.array(k.SLOPES) @ (seen[one] * seen[other]) / (1 + apart / k.LINEAR_STEPS)
            of_ratings += k.BURST * burst + k.HOURS_VARIANCE * math.exp(
                -abs(one[0] - other[0]) / 3600 / k.HOURS
            )
            of_genres = (genres[m] @ genres[n]) ** 4 * (k.GENRES + k.GENRES_BURST * burst)
            slow = 1 / (1 + apart / k.SLOW_STEPS)
            of_vectors = ((1 + vectors[m] @ vectors[n]) / 2) ** 8 * (k.VECTORS + k.VECTORS_SLOW * slow)
            return np.array([of_ratings, of_ratings + of_genres + of_vectors])

        among = np.array([[covariance(one, other) for other in steps] for one in steps])
        across = np.array([covariance(query, other) for other in steps])
        residual = np.array([row[-1] for row in steps])
        return {
            name: float(across[:, n] @ np.linalg.solve(among[:, :, n] + np.eye(len(steps)), residual))
            for n, name in enumerate(GAUSSIAN_PROCESS)
        }

    def calendar(self, at: int) -> dict[str, float]:
        date = datetime.fromtimestamp(at, UTC)
        day = date.timetuple().tm_yday - 1
        angle = 2 * math.pi * (at % 86400) / 86400
        return {
            "time_year": date.year + day / 366,
            "time_hour_sin": math.sin(angle),
            "time_hour_cos": math.cos(angle) * (at % 86400 != 0),  # a date alone stands at midnight
        }

    def features(self, user: int, movie: int, at: int, delay: int = 0) -> dict[str, float]:
        known = at - delay
        mean, of_user, of_movie = self.baseline(user, movie, known)
        out = {
            "baseline": mean + of_user + of_movie,
            "baseline_mean": mean,
            "baseline_user": of_user,
            "baseline_movie": of_movie,
            "delay": math.log1p(delay / 60),
        }
        constants = {"minutes": 600, "hour": 3600, "day": 86400, "month": 30 * 86400}
        found = self.statistics(1, user, known, at, spans=(5, 10, 30), time_constants=constants, last=5)
        out |= {f"user_{name}": value for name, value in found.items()}
        constants = {"week": 7 * 86400, "year": 365 * 86400}
        found = self.statistics(2, movie, known, at, spans=(20,), time_constants=constants, last=1)
        out |= {f"movie_{name}": value for name, value in found.items()}
        out |= self.calendar(at)
        year = float(self.data.movies.year[movie])
        out["movie_year"] = datetime.fromtimestamp(at, UTC).year if math.isnan(year) else year
        out["movie_years_old"] = out["time_year"] - out["movie_year"]
        out |= self.relations(user, movie, known, out["user_residual_mean"])
        out["ridge_prediction"] = self.ridge(user, movie, known, at)
        out |= self.gaussian_process(user, movie, known, at)
        return out | self.similarity(user, movie, known)


def table(data: Dataset, queries: Queries | None = None):
    return data.derive(Features).table(Queries.of(data.ratings) if queries is None else queries)


def catalogue(data: Dataset, user: int, now: int, delay: int = 0) -> Queries:
    movies = np.arange(len(data.movies), dtype=np.int32)
    return Queries.at_time(np.full(len(movies), user, np.int32), movies, now, delay)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 45))
def test_every_event_agrees_with_the_definition(make_tiny_dataset, seed: int, events: int) -> None:
    data = make_tiny_dataset(seed, events=events)
    found, oracle = table(data), Oracle(data)
    for row, (t, user, movie, _) in enumerate(oracle.log):
        _check(found.names, found.values[row], oracle.features(user, movie, t))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 27), st.integers(-1, 1), DELAYS)
def test_a_query_at_any_time_and_delay_agrees_with_the_definition(
    make_tiny_dataset, seed: int, time: int, off: int, delay: int
) -> None:
    data = make_tiny_dataset(seed)
    now = START + time * STEP + off
    pairs = [(user, movie) for user in range(5) for movie in range(1, 7)]
    user, movie = np.array(pairs, np.int32).T
    found, oracle = table(data, Queries.at_time(user, movie, now, delay)), Oracle(data)
    for row, pair in enumerate(pairs):
        _check(found.names, found.values[row], oracle.features(*pair, now + delay, delay))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32))
@example(362)  # a vector whose length float32 rounds past a multiple of 2^-11
def test_queries_of_different_delays_agree_with_the_definition(make_tiny_dataset, seed: int) -> None:
    data = make_tiny_dataset(seed)
    delay = np.random.default_rng(seed).choice([0, 1, STEP, 5 * STEP], len(data.ratings))
    found, oracle = table(data, Queries.of(data.ratings).delayed(delay)), Oracle(data)
    for row, (t, user, movie, _) in enumerate(oracle.log):
        _check(found.names, found.values[row], oracle.features(user, movie, t, int(delay[row])))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), time=st.integers(-1, 30), user=st.integers(0, 4), delay=DELAYS)
def test_a_catalogue_at_one_time_equals_single_queries(make_tiny_dataset, *, seed, time, user, delay) -> None:
    data = make_tiny_dataset(seed)
    queries = catalogue(data, user, START + time * STEP, delay)
    single = [queries.take(slice(row, row + 1)) for row in range(len(queries))]
    expected = np.concatenate([table(replace(data), query).values for query in single])
    table(data, catalogue(data, (user + 1) % 5, START + time * STEP, delay))  # whose movie side is kept
    found, few = table(data, queries), table(data, queries.take(np.array([3, 1])))
    exact = [not name.startswith(("item_similarity", "gaussian")) for name in found.names]
    assert (found.values[:, exact] == expected[:, exact]).all()
    assert (few.values[:, exact] == expected[[3, 1]][:, exact]).all()
    # Matrix products of other shapes may add up in another order.
    np.testing.assert_allclose(found.values, expected, atol=1e-6)
    np.testing.assert_allclose(few.values, expected[[3, 1]], atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 25), DELAYS)
def test_ratings_that_are_not_known_yet_change_no_bit(
    make_tiny_dataset, seed: int, time: int, delay: int
) -> None:
    data = make_tiny_dataset(seed)
    known_until = START + time * STEP
    past = replace(data, ratings=data.ratings.take(data.ratings.rated_at < known_until))
    queries = catalogue(data, 1, known_until, delay)
    np.testing.assert_array_equal(table(past, queries).values, table(data, queries).values)


def test_some_columns_are_those_of_the_whole_table(make_tiny_dataset) -> None:
    data = make_tiny_dataset(5)
    whole = table(data)
    names = ("user_gap", "graph_actor_residual", "delay", "user_count")
    some = data.derive(Features).table(Queries.of(data.ratings), names)
    assert some.names == names
    for name in names:
        np.testing.assert_array_equal(some.column(name), whole.column(name))


def test_parts_of_the_queries_give_the_whole_table(make_tiny_dataset, monkeypatch) -> None:
    data = make_tiny_dataset(3, events=45)
    whole = table(data).values
    monkeypatch.setattr("kgrec_gds.features.table._QUERIES_A_PART", 7)
    np.testing.assert_allclose(table(data).values, whole, atol=1e-5)


def test_only_the_blocks_of_the_named_columns_are_computed(make_tiny_dataset, monkeypatch) -> None:
    data = make_tiny_dataset(5)
    features = data.derive(Features)
    online = features.select(online_only=True)
    monkeypatch.setattr(batching, "running_weights", lambda *_: pytest.fail("a posterior was computed"))
    features.table(Queries.of(data.ratings), online)
    assert not set(GAUSSIAN_PROCESS) & set(online)


def test_blocks_are_selected_by_what_they_need(make_tiny_dataset) -> None:
    data = make_tiny_dataset(1)
    features = data.derive(Features)
    assert features.select() == features.names
    bare, without_vectors = features.select(graph=False), features.select(vectors=False)
    assert not [name for name in bare if name.startswith(("graph_", "item_similarity"))]
    assert {"user_genre_mean", "gaussian_process"} <= set(bare)
    assert set(features.names) - set(without_vectors) == {
        name for name in features.names if "vectors" in name or name.startswith("item_similarity")
    }
    assert replace(data, vectors=None).derive(Features).names == without_vectors


def test_a_data_set_without_relations_has_the_other_columns(make_tiny_dataset) -> None:
    data = make_tiny_dataset(1)
    bare = replace(data, movies=replace(data.movies, relations={}), vectors=None)
    found = table(bare)
    assert set(found.names) < set(data.derive(Features).names)
    assert np.isfinite(found.values).all()
    assert not [name for name in found.names if "genre" in name or "graph" in name]


def test_a_block_is_computed_once_for_each_of_its_keys(make_tiny_dataset) -> None:
    data = make_tiny_dataset(2)
    sizes = {}

    def counted(side: tuple[str, ...]) -> type[Block]:
        def compute(self, known):
            sizes.setdefault(side, []).append(len(known))
            return {"_".join(side) or "time": known.queries.at * 1.0}

        return type("Counted", (Block,), {"depends_on": side, "compute": compute})

    sides = [(), ("user",), ("movie",), ("user", "movie")]
    features = Features(data, [counted(side) for side in sides])
    assert features.names == ("time", "user", "movie", "user_movie")
    sizes.clear()
    for user in (1, 2, 3):
        features.table(catalogue(data, user, START))
    movies = len(data.movies)
    assert sizes == {(): [1] * 3, ("user",): [1] * 3, ("movie",): [movies], ("user", "movie"): [movies] * 3}
    sizes.clear()
    user, at = np.array([1, 1, 2, 2], np.int32), np.array([5, 5, 5, 6])
    features.table(Queries(user, np.array([1, 2, 1, 1], np.int32), at, at))
    assert sizes == {(): [2], ("user",): [3], ("movie",): [3], ("user", "movie"): [4]}


def test_a_column_that_the_data_set_does_not_give_is_an_error(make_tiny_dataset) -> None:
    data = replace(make_tiny_dataset(1), vectors=None)
    with pytest.raises(InputError, match="gaussian_process_vectors"):
        data.derive(Features).table(Queries.of(data.ratings), GAUSSIAN_PROCESS)


def test_two_blocks_with_a_column_of_one_name_are_an_error(make_tiny_dataset) -> None:
    with pytest.raises(ValueError, match="baseline_mean"):
        _ = Features(make_tiny_dataset(1), [*BLOCKS, Baseline]).names


def test_ratings_from_before_1970_count_as_any_others(make_tiny_dataset) -> None:
    data = make_tiny_dataset(5, events=60, times=40)
    years = 40 * 365 * 86_400
    older = replace(data, ratings=replace(data.ratings, rated_at=data.ratings.rated_at - years))
    now, then = table(data), table(older)
    assert np.isfinite(then.values).all()
    knows_the_year = ("time_", "movie_year", "ridge", "gaussian")
    for name in now.names:
        if not name.startswith(knows_the_year):
            np.testing.assert_allclose(then.column(name), now.column(name), rtol=1e-5, atol=1e-5)
