"""The synthetic data set: reproducible, in IMDb's format, with preferences that the graph explains."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.synthetic import SyntheticDataSettings, generate
from kgrec_gds.synthetic.rating_history import make_history
from kgrec_gds.synthetic.world import make_world

SMALL = SyntheticDataSettings(seed=3, users=30, movies=80, ratings_per_user=20)


def lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def test_equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    for folder, settings in (("a", SMALL), ("b", SMALL), ("c", replace(SMALL, seed=4))):
        generate(tmp_path / folder, settings)
    read = {folder: {p.name: p.read_bytes() for p in (tmp_path / folder).iterdir()} for folder in "abc"}
    assert read["a"] == read["b"]
    assert read["a"]["user_rating.csv.gz"] != read["c"]["user_rating.csv.gz"]


def test_tables_have_imdbs_names_headers_and_widths(tmp_path: Path) -> None:
    generate(tmp_path, SMALL)
    headers = {
        "title.basics": 9,
        "title.ratings": 3,
        "title.crew": 3,
        "title.principals": 6,
        "title.episode": 4,
        "name.basics": 6,
    }
    for name, width in headers.items():
        rows = [line.split("\t") for line in lines(tmp_path / f"{name}.tsv.gz")]
        assert {len(row) for row in rows} == {width}, name
    assert lines(tmp_path / "user_rating.csv.gz")[0] == "userID,tconst,rating,review_date"


def test_faulty_rows_are_counted(tmp_path: Path) -> None:
    made = generate(tmp_path, SMALL)
    rows = [line.split(",") for line in lines(tmp_path / "user_rating.csv.gz")[1:]]
    known = {line.split("\t")[0] for line in lines(tmp_path / "title.basics.tsv.gz")}
    zeros = [row for row in rows if row[2] == "0"]
    unknown = [row for row in rows if row[1] not in known]
    assert (len(zeros), len(unknown)) == (2, 1)
    assert made.faults == 3
    assert made.ratings == len(rows)


def test_movies_are_rated_after_release_and_once_per_user() -> None:
    rng = np.random.default_rng(3)
    world = make_world(rng, SMALL)
    history = make_history(rng, SMALL, world)
    assert (history.rated_at >= world.released_at[history.movie]).all()
    assert (np.diff(history.rated_at) >= 0).all()
    pairs = history.user * len(world.titles) + history.movie
    assert len(np.unique(pairs)) == len(pairs)
    assert history.rating.min() >= 1
    assert history.rating.max() <= 10


def test_new_movies_and_users_appear_after_the_training_cutoff() -> None:
    rng = np.random.default_rng(7)
    settings = SyntheticDataSettings()
    history = make_history(rng, settings, make_world(rng, settings))
    cut = int(0.8 * len(history.user))
    new_movies = ~np.isin(history.movie[cut:], history.movie[:cut])
    new_users = ~np.isin(history.user[cut:], history.user[:cut])
    assert new_movies.mean() > 0.1
    assert 0.01 < new_users.mean() < 0.5


def explained(taste: float) -> float:
    """Share of one user's variance that the circle of the director explains, over users."""
    settings = SyntheticDataSettings(seed=1, users=60, movies=300, taste=taste)
    rng = np.random.default_rng(settings.seed)
    world = make_world(rng, settings)
    history = make_history(rng, settings, world)
    circle = world.circle[world.director[history.movie]]
    shares = []
    for user in range(settings.users):
        mine = history.user == user
        rating, group = history.rating[mine].astype(float), circle[mine]
        means = np.array([rating[group == g].mean() if (group == g).any() else 0.0 for g in range(6)])
        shares.append(1 - np.var(rating - means[group]) / np.var(rating))
    return float(np.mean(shares))


def test_preferences_explain_ratings_unless_switched_off() -> None:
    # with few ratings a user, group means explain some variance of pure noise too
    assert explained(taste=1.0) > 0.5
    assert explained(taste=0.0) < 0.3


@pytest.mark.parametrize(
    "wrong", [{"movies": 3}, {"users": 0}, {"fewest_ratings": 0}, {"ratings_per_user": 1}]
)
def test_a_data_set_that_is_too_small_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError):
        SyntheticDataSettings(**wrong)
