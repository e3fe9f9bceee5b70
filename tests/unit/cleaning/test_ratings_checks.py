"""Files whose values are on another scale, or whose movies are MovieLens's."""

import pytest

from kgrec_gds.cleaning import CleaningRules
from kgrec_gds.errors import InputError

SCALES = {
    "0.5-5": [it / 2 for it in range(1, 11)] * 3,
    "1-5": [1, 2, 3, 4, 5] * 6,
    "0-5": [0, 1, 2, 3, 4, 5] * 6,
    "0-100": [5, 20, 45, 70, 85, 100] * 5,
    "0-20": [4, 12, 15, 16, 20] * 5,
    "0-10": [0, 2, 4, 6, 8, 10] * 5,
    "0-1": [0, 1] * 10,
    "-1-1": [-1, 1, 1] * 7,
    "-10-10": [-9.5, -3.2, 2.1, 8.8] * 8,
    "1-7": [1, 2, 3, 4, 5, 6, 7] * 9,
}


def rate(raw, ratings):
    raw.ratings = raw.ratings[:1]
    for n, rating in enumerate(ratings):
        raw.rate(f"u{n // 40}", f"tt{n % 40:07d}", f"{rating:g}", "2020-01-01")


@pytest.mark.parametrize("scale", SCALES)
def test_another_scale_is_named_and_read_when_it_is_confirmed(raw, run, rows, scale):
    rate(raw, SCALES[scale])
    with pytest.raises(InputError, match=rf"do not look like a scale of 1-10.*--rating-scale {scale} "):
        run(raw)
    result = run(raw, rating_scale=scale)
    assert result.report["tables"]["user_ratings"]["faults"] == {}
    least, greatest = CleaningRules(rating_scale=scale).scale
    expected = sorted(1 + 9 * (rating - least) / (greatest - least) for rating in SCALES[scale])
    assert sorted(row["rating"] for row in rows(result, "ratings")) == pytest.approx(expected)


def test_one_stray_value_does_not_hide_the_scale(raw, run):
    rate(raw, [*SCALES["0.5-5"] * 3, 10])
    with pytest.raises(InputError, match="scale"):
        run(raw)


@pytest.mark.parametrize(
    "ratings",
    [[1, 10] * 10, [5] * 10, [8, 9, 10] * 7, [3.5, 7.5] * 10, [0, *[7, 9] * 30], [6, 11, *[7, 9] * 30]],
)
def test_ratings_on_1_to_10_are_not_asked_about(raw, run, ratings):
    rate(raw, ratings)
    run(raw)


def test_a_scale_that_is_confirmed_is_not_asked_about_again(raw, run, rows):
    rate(raw, [1, 2, 3, 4, 5] * 6)
    assert {row["rating"] for row in rows(run(raw, rating_scale="1-10"), "ratings")} == {1, 2, 3, 4, 5}


def test_half_stars_are_doubled_and_ratings_off_the_scale_are_faults(raw, run, rows):
    rate(raw, [0.5, 3, 5, *[4] * 30, 9])
    result = run(raw, rating_scale="0.5-5")
    assert {row["rating"] for row in rows(result, "ratings")} == {1, 6, 8, 10}
    assert result.report["tables"]["user_ratings"]["faults"] == {"rating_outside_scale": 1}


@pytest.mark.parametrize("scale", ["5", "5-1", "a-b", "1-1", "-", "1e1-5"])
def test_an_invalid_scale_is_refused(scale):
    with pytest.raises(InputError, match=r"Invalid rating_scale .*expected the least and the greatest"):
        CleaningRules(rating_scale=scale)


def test_movielens_ids_are_recognized(raw, run):
    lines = [f"{n % 5},{n + 1},{n % 10 + 1},{1_260_759_144 + n}" for n in range(30)]
    for header in ("userId,movieId,rating,timestamp", None):
        raw.ratings = [header, *lines] if header else lines
        with pytest.raises(InputError, match=r"links\.csv.*fetch movielens"):
            run(raw)
    raw.ratings = ["userId,imdbId,rating,timestamp", *lines]
    assert run(raw).counts["ratings"] == 30


def test_a_file_of_one_user_needs_the_user(raw, run, rows):
    raw.ratings = ["Const,Your Rating,Date Rated,Title", 'tt0000001,7,2020-01-01,"One, two"']
    with pytest.raises(InputError, match="--user NAME"):
        run(raw)
    assert [row["userId"] for row in rows(run(raw, user="me"), "ratings")] == ["me"]
    raw.ratings = ["userID,tconst,rating,review_date", "u1,tt0000001,7,2020-01-01"]
    with pytest.raises(InputError, match="Leave --user out"):
        run(raw, user="me")


def test_ratings_that_match_no_movie_are_refused(raw, run):
    raw.ratings = [
        "userID,tconst,rating,review_date",
        "u1,tt9000001,7,2020-01-01",
        "u1,tt0000001,11,2020-01-01",
    ]
    with pytest.raises(InputError, match=r"No rating matches a movie.*tt9000001"):
        run(raw, max_bad_share=1)
    with pytest.raises(InputError, match=r"first in line 2\. ") as error:
        run(raw, max_bad_share=1, user_salt="a secret's salt")
    assert "u1" not in str(error.value)


def test_ratings_under_another_name_are_named(raw, run):
    raw.ratings = []
    (raw.folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n")
    (warning,) = run(raw).report["warnings"]
    assert "ratings.csv is" in warning
