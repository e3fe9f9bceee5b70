"""The features against their definition, said event by event in plain Python: slow, and easy to believe."""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgrec_gds.data.baseline_estimates import BiasSettings, Queries
from kgrec_gds.data.dataset import RELATIONS, Dataset
from kgrec_gds.features.catalogue import Snapshot
from kgrec_gds.features.gaussian_process.batching import KRIGED
from kgrec_gds.features.gaussian_process.kernel import KrigingSettings
from kgrec_gds.features.latent_factors import TasteSettings, start
from kgrec_gds.features.ridge_regression import COVARIATES
from kgrec_gds.features.table import FeatureIndex, FeatureSettings, causal_features

SETTINGS = FeatureSettings(
    reach=5,
    biases=BiasSettings(first_fit=7, growth=1.3),
    taste=TasteSettings(size=2, penalty=1.0, first_fit=9, growth=1.5),
    kriging=KrigingSettings(piece=4, reach=2),
)
NEVER = 36500 * 86400


def _shrunken(rows, field: int, deviation, shrinkage: float) -> dict[int, float]:
    grouped: dict[int, list[float]] = {}
    for row in rows:
        grouped.setdefault(row[field], []).append(deviation(row))
    return {key: sum(values) / (len(values) + shrinkage) for key, values in grouped.items()}


def _unit(vector) -> np.ndarray:
    return np.array(vector) / max(float(np.linalg.norm(vector)), 1e-12)


def _rounded(vectors) -> np.ndarray:
    return np.array([np.round(_unit(vector) * 2**11) / 2**11 for vector in vectors])


def _check(names: tuple[str, ...], values: np.ndarray, expected: dict) -> None:
    assert set(expected) == set(names)
    for name, value in zip(names, values, strict=True):
        assert value == pytest.approx(expected[name], rel=3e-5, abs=3e-5), name


class Oracle:
    """Every feature of one query, from a list of (time, user, movie, rating) and nothing else."""

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
            self.residual.append(round((rating - sum(self.bias(u, m, t))) * 2**20) / 2**20)

    def bias(self, user: int, movie: int, t: int) -> tuple[float, float, float]:
        s = SETTINGS.biases
        by_user, by_movie, mean, fitted = {}, {}, s.prior, 0
        size = s.first_fit
        while size <= len(self.log) and self.log[size - 1][0] < t:
            moment = self.log[size - 1][0]
            past = [row for row in self.log if row[0] <= moment]
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

        def user_bias(user: int, t: int) -> float:
            rows = [row for row in self.log if row[1] == user and row[0] < t]
            return sum(row[3] - mean - fixed_movie.get(row[2], 0) for row in rows) / (
                len(rows) + s.user_shrinkage
            )

        rows = [(k, row) for k, row in enumerate(self.log) if row[2] == movie and row[0] < t]
        total = sum(
            row[3] - mean - (fixed_user.get(row[1], 0) if k < fitted else user_bias(row[1], row[0]))
            for k, row in rows
        )
        return mean, user_bias(user, t), total / (len(rows) + s.movie_shrinkage)

    def series(
        self, field: int, key: int, t: int, *, mean: float, spans, spells, last: int
    ) -> dict[str, float]:
        rows = [
            (row[3], e, row[0])
            for row, e in zip(self.log, self.residual, strict=True)
            if row[field] == key and row[0] < t
        ]
        n, shrink = len(rows), SETTINGS.series_shrinkage
        ratings = [row[0] for row in rows]
        out = {
            "count": math.log1p(n),
            "rating_mean": float(np.mean(ratings)) if n else mean,
            "rating_std": float(np.std(ratings)) if n else 0.0,
            "residual_mean": sum(row[1] for row in rows) / (n + shrink),
            "residual_size": math.sqrt((sum(row[1] ** 2 for row in rows) + 4 * shrink) / (n + shrink)),
        }
        for span in spans:
            weights = [(1 - 2 / (span + 1)) ** (n - 1 - k) for k in range(n)]
            mass = sum(weights)
            weighted = sum(w * r for w, r in zip(weights, ratings, strict=True))
            out[f"rating_ewma{span}"] = weighted / mass if n else mean
            out[f"residual_ewma{span}"] = sum(w * row[1] for w, row in zip(weights, rows, strict=True)) / (
                mass + 1
            )
        for name, seconds in spells.items():
            weights = [math.exp(-(t - row[2]) / seconds) for row in rows]
            out[f"residual_{name}"] = sum(w * row[1] for w, row in zip(weights, rows, strict=True)) / (
                sum(weights) + 1
            )
            out[f"count_{name}"] = math.log1p(sum(weights))
        for step in range(1, last + 1):
            out[f"residual_last{step}"] = rows[-step][1] if n >= step else 0.0
        out["gap"] = math.log1p((t - rows[-1][2] if n else NEVER) / 60)
        out["age"] = math.log1p((t - rows[0][2] if n else NEVER) / 60)
        return out

    def relations(self, user: int, movie: int, t: int, user_mean: float) -> dict[str, float]:
        out = {}
        for relation in RELATIONS:
            name, facts = relation[:-1], self.data.movies.facts[relation]
            wanted = facts.of(movie).tolist()
            own, others = [], []
            for entity in wanted:
                met = [
                    (row, e)
                    for row, e in zip(self.log, self.residual, strict=True)
                    if row[0] < t and entity in facts.of(row[2])
                ]
                own.append([e for row, e in met if row[1] == user])
                others.append([e for row, e in met if row[2] != movie])
            means = [sum(e) / (len(e) + SETTINGS.entity_shrinkage) for e in others]
            out[f"graph_{name}_residual"] = sum(means) / max(len(wanted), 1)
            out[f"graph_{name}_pooled"] = sum(map(sum, others)) / (
                sum(map(len, others)) + SETTINGS.entity_shrinkage
            )
            out[f"graph_{name}_best"] = max(means, default=-9.0)
            out[f"graph_{name}_count"] = math.log1p(sum(map(len, others)))
            met_often = sum(map(len, own))
            out[f"graph_own_{name}_residual"] = sum(map(sum, own)) / (met_often + SETTINGS.own_shrinkage)
            out[f"graph_own_{name}_sum"] = sum(sum(e) / (len(e) + SETTINGS.own_shrinkage) for e in own)
            out[f"graph_own_{name}_count"] = math.log1p(met_often)
            if relation == "genres":
                tastes = [(sum(e) + 5 * user_mean) / (len(e) + 5) for e in own] or [user_mean]
                out["user_genre_mean"] = float(np.mean(tastes))
                out["user_genre_best"], out["user_genre_worst"] = max(tastes), min(tastes)
                out["user_genre_count"] = math.log1p(met_often / max(len(wanted), 1))
        return out

    def kinds(self) -> np.ndarray:
        genres, years = self.data.movies.facts["genres"], self.data.movies.year
        kinds = []
        for movie in range(len(years)):
            hot = [float(k in genres.of(movie)) for k in range(len(genres.keys))]
            period = [math.exp(-((years[movie] - c) ** 2) / 72) for c in range(1896, 2050, 8)]
            period = np.nan_to_num(period)
            kinds.append([*_unit(hot), *_unit(period)])
        return _rounded(kinds)

    def nearest(
        self, user: int, movie: int, t: int, *, unit: np.ndarray, powers, prefix: str
    ) -> dict[str, float]:
        rows = [
            (row, e) for row, e in zip(self.log, self.residual, strict=True) if row[1] == user and row[0] < t
        ]
        rows = rows[-SETTINGS.reach :]
        cosine = [max(float(unit[movie] @ unit[row[2]]), 0.0) for row, _ in rows]
        out = {}
        for power in powers:
            weights = [c**power for c in cosine]
            total = sum(w * e for w, (_, e) in zip(weights, rows, strict=True))
            out[f"{prefix}{power}_residual"] = total / (sum(weights) + 1)
            out[f"{prefix}{power}_weight"] = math.log1p(sum(weights))
        best = max(cosine, default=0.0)
        out[f"{prefix}est_similarity"] = best
        just_as_near = [e for c, (_, e) in zip(cosine, rows, strict=True) if c == best > 0]
        out[f"{prefix}est_residual"] = just_as_near[-1] if just_as_near else 0.0
        return out

    def covariates(self, movie: int, t: int) -> np.ndarray:
        year = float(self.data.movies.year[movie])
        year = datetime.fromtimestamp(t, UTC).year if math.isnan(year) else year
        count = math.log1p(sum(row[2] == movie and row[0] < t for row in self.log))
        return np.array([1, (year - 1995) / 12, (count - 4) / 1.5, self.bias(0, movie, t)[2] * 2])

    def leaning(self, user: int, movie: int, t: int) -> dict[str, float]:
        rows = [
            (row, e) for row, e in zip(self.log, self.residual, strict=True) if row[1] == user and row[0] < t
        ]
        x = np.array([self.covariates(row[2], row[0]) for row, _ in rows]).reshape(-1, 4)
        weights = np.linalg.solve(x.T @ x + SETTINGS.ridge * np.eye(4), x.T @ np.array([e for _, e in rows]))
        out = dict(zip([f"user_lean_{name}" for name in COVARIATES], weights, strict=True))
        return out | {"user_lean": float(weights @ self.covariates(movie, t))}

    def ridge(self, met: list[tuple[np.ndarray, float]]) -> np.ndarray:
        s = SETTINGS.taste
        x = np.array([other for other, _ in met]).reshape(-1, s.size)
        return np.linalg.solve(x.T @ x + s.penalty * np.eye(s.size), x.T @ np.array([e for _, e in met]))

    def factors(self, t: int) -> list[np.ndarray] | None:
        s, rows = SETTINGS.taste, list(zip(self.log, self.residual, strict=True))
        factors, size = None, s.first_fit
        while size <= len(self.log) and self.log[size - 1][0] < t:
            past = [(row, e) for row, e in rows if row[0] <= self.log[size - 1][0]]
            movies = start(self.data.movies.tconst, s.size) if factors is None else factors
            users = {
                u: self.ridge([(movies[row[2]], e) for row, e in past if row[1] == u]) for u in range(10)
            }
            factors = [
                self.ridge([(users[row[1]], e) for row, e in past if row[2] == m]) for m in range(len(movies))
            ]
            size = max(int(len(past) * s.growth), len(past) + s.first_fit)
        return factors

    def taste(self, user: int, movie: int, t: int) -> float:
        factors, rows = self.factors(t), zip(self.log, self.residual, strict=True)
        if factors is None:
            return 0.0
        own = self.ridge([(factors[row[2]], e) for row, e in rows if row[1] == user and row[0] < t])
        return float(own @ factors[movie])

    def kriged(self, user: int, movie: int, t: int) -> dict[str, float]:
        s, factors = SETTINGS.kriging, self.factors(t)
        steps = [
            (*row, e) for row, e in zip(self.log, self.residual, strict=True) if row[1] == user and row[0] < t
        ]
        if not steps:
            return dict.fromkeys(KRIGED, 0.0)
        place = {row: number for number, row in enumerate(steps)}
        steps = steps[max((len(steps) - 1) // s.piece * s.piece - s.reach, 0) :]
        kinds, vectors = self.kinds(), _rounded(self.data.vectors.movies)

        def alike(one: tuple, other: tuple) -> np.ndarray:
            apart, (m, n) = abs(place.get(one, len(place)) - place[other]), (one[2], other[2])
            burst = 1 / (1 + apart / s.burst_steps)
            x, y = self.covariates(m, one[0])[1:], self.covariates(n, other[0])[1:]
            of_ratings = np.array(s.covariates) @ (x * y)
            if factors is not None:
                of_ratings += s.taste * factors[m] @ factors[n]
            of_ratings /= 1 + apart / s.linear_steps
            of_ratings += s.burst * burst + s.hour * math.exp(-abs(one[0] - other[0]) / 3600 / s.hours)
            of_kinds = (kinds[m] @ kinds[n]) ** 4 * (s.kind + s.kind_burst * burst)
            slow = 1 / (1 + apart / s.slow_steps)
            of_vectors = ((1 + vectors[m] @ vectors[n]) / 2) ** 8 * (s.near + s.near_slow * slow)
            return np.cumsum([of_ratings, of_kinds, of_vectors])

        among = np.array([[alike(one, other) for other in steps] for one in steps])
        across = np.array([alike((t, user, movie), other) for other in steps])
        said = np.array([row[-1] for row in steps])
        return {
            name: float(across[:, k] @ np.linalg.solve(among[:, :, k] + np.eye(len(steps)), said))
            for k, name in enumerate(KRIGED)
        }

    def features(self, user: int, movie: int, t: int) -> dict[str, float]:
        mean, of_user, of_movie = self.bias(user, movie, t)
        out = {
            "bias": mean + of_user + of_movie,
            "bias_mean": mean,
            "bias_user": of_user,
            "bias_movie": of_movie,
        }
        spells = {"minutes": 600, "hour": 3600, "day": 86400, "month": 30 * 86400}
        of_user = self.series(
            1, user, t, mean=mean, spans=(3, 5, 10, 30, 100), spells=spells, last=SETTINGS.last
        )
        out |= {f"user_{k}": v for k, v in of_user.items()}
        spells = {"week": 7 * 86400, "year": 365 * 86400}
        out |= {
            f"movie_{k}": v
            for k, v in self.series(2, movie, t, mean=mean, spans=(5, 20), spells=spells, last=2).items()
        }
        date = datetime.fromtimestamp(t, UTC)
        day = date.timetuple().tm_yday - 1
        angle = 2 * math.pi * (t % 86400) / 86400
        year = float(self.data.movies.year[movie])
        out["time_year"] = date.year + day / 366
        out["movie_year"] = date.year if math.isnan(year) else year
        out["movie_years_old"] = out["time_year"] - out["movie_year"]
        out |= {
            "time_month": date.month,
            "time_quarter": (date.month - 1) // 3 + 1,
            "time_weekday": date.weekday(),
        }
        known = t % 86400 != 0  # a date alone stands at midnight
        out |= {
            "time_week": day // 7,
            "time_hour_sin": math.sin(angle),
            "time_hour_cos": math.cos(angle) * known,
        }
        genres = self.data.movies.facts["genres"]
        out |= {f"genre_{key}": float(k in genres.of(movie)) for k, key in enumerate(genres.keys) if k}
        out |= self.relations(user, movie, t, out["user_residual_mean"]) | self.leaning(user, movie, t)
        out["user_taste"] = self.taste(user, movie, t)
        out |= self.kriged(user, movie, t)
        vectors = _rounded(self.data.vectors.movies)
        out |= self.nearest(user, movie, t, unit=vectors, powers=(2, 8), prefix="graph_near")
        return out | self.nearest(user, movie, t, unit=self.kinds(), powers=(4, 16), prefix="graph_like")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 45))
def test_every_event_agrees_with_the_definition(make_dataset, seed: int, events: int) -> None:
    data = make_dataset(seed, events=events)
    table = causal_features(data, settings=SETTINGS)
    oracle = Oracle(data)
    for row, (t, user, movie, _) in enumerate(oracle.log):
        _check(table.names, table.values[row], oracle.features(user, movie, t))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 27), st.integers(-1, 1))
def test_a_question_at_any_moment_agrees_with_the_definition(
    make_dataset, seed: int, moment: int, off: int
) -> None:
    data = make_dataset(seed)
    now = 1_000_000_000 + moment * 40_000 + off
    pairs = [(user, movie) for user in range(5) for movie in range(1, 7)]
    user, movie = np.array(pairs, np.int32).T
    table = causal_features(data, Queries(user, movie, np.full(len(pairs), now)), SETTINGS)
    oracle = Oracle(data)
    for row, pair in enumerate(pairs):
        _check(table.names, table.values[row], oracle.features(*pair, now))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32), moment=st.integers(-1, 30), user=st.integers(0, 4), graph=st.booleans(),
    delay=st.integers(0, 90_000),
)  # fmt: skip
def test_a_snapshot_is_the_same_to_the_last_bit(make_dataset, *, seed, moment, user, graph, delay) -> None:
    data = make_dataset(seed)
    index = FeatureIndex(data, replace(SETTINGS, graph=graph, delay=delay))
    now = 1_000_000_000 + moment * 40_000
    movies = np.arange(len(data.movies), dtype=np.int32)
    slow = index.table(Queries(np.full(len(movies), user, np.int32), movies, np.full(len(movies), now)))
    snapshot = Snapshot(index, now)
    fast, some = snapshot.table(user), snapshot.table(user, movies[[3, 1]])
    assert fast.names == slow.names == some.names
    exact = [not re.search(r"graph_(near|like)\d|kriged", name) for name in slow.names]
    assert (fast.values[:, exact] == slow.values[:, exact]).all()
    assert (some.values[:, exact] == slow.values[[3, 1]][:, exact]).all()
    # Products of other shapes may be added up in another order.
    np.testing.assert_allclose(fast.values, slow.values, atol=1e-6)
    np.testing.assert_allclose(some.values, slow.values[[3, 1]], atol=1e-6)


def test_events_asked_as_questions_give_the_same(make_dataset) -> None:
    data = make_dataset(3, events=300, users=9, movies=20, moments=80)
    queries = Queries(data.ratings.user_index, data.ratings.movie_index, data.ratings.rated_at.copy())
    np.testing.assert_allclose(causal_features(data).values, causal_features(data, queries).values, atol=1e-6)


def test_other_movies_at_the_events_own_times_are_questions_of_their_own(make_dataset) -> None:
    data = make_dataset(6, events=200, users=9, movies=20, moments=80)
    r = data.ratings
    other = r.movie_index % 20 + 1
    found = causal_features(data, Queries(r.user_index, other, r.rated_at))
    expected = causal_features(data, Queries(r.user_index, other, r.rated_at.copy()))
    np.testing.assert_array_equal(found.values, expected.values)
    assert (found.column("movie_year") == data.movies.year[other])[other != 2].all()


def test_a_delay_is_the_past_seen_from_earlier(make_dataset) -> None:
    data = make_dataset(5)
    r = data.ratings
    late = causal_features(data, settings=FeatureSettings(delay=86_400))
    early = causal_features(data, Queries(r.user_index, r.movie_index, r.rated_at - 86_400))
    history = [not name.startswith(("time_", "movie_year", "user_lean", *KRIGED)) for name in late.names]
    np.testing.assert_allclose(late.values[:, history], early.values[:, history], atol=1e-6)


def test_without_the_graph_exactly_its_columns_are_left_out(make_dataset) -> None:
    data = make_dataset(1)
    whole, bare = (
        causal_features(data).names,
        causal_features(data, settings=FeatureSettings(graph=False)).names,
    )
    assert bare == tuple(name for name in whole if not name.startswith("graph_"))
    assert len(bare) < len(whole)


def test_ratings_from_before_1970_are_as_any_others(make_dataset) -> None:
    dataset = make_dataset(5, events=60, moments=40)
    years = 40 * 365 * 86_400
    ratings = dataset.ratings
    older = replace(dataset, ratings=replace(ratings, rated_at=ratings.rated_at - years))
    now, then = (causal_features(each, settings=SETTINGS) for each in (dataset, older))
    assert np.isfinite(then.values).all()
    knows_the_year = ("time_", "movie_year", "user_lean", "user_kriged", "graph_")
    for name in now.names:
        if not name.startswith(knows_the_year):
            np.testing.assert_allclose(then.column(name), now.column(name), rtol=1e-5, atol=1e-5)
