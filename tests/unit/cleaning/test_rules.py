"""What each cleaning rule removes, and how the rules are checked."""

import hashlib

import pytest

from kgrec_gds.cleaning import CleaningResult, CleaningRules
from kgrec_gds.errors import InputError


def test_an_unknown_rule_is_refused():
    with pytest.raises(InputError, match="Unknown cleaning rule min_stars"):
        CleaningRules.preset(min_stars=3)


@pytest.mark.parametrize(
    "wrong",
    [{"require": ("budget",)}, {"in_tables": ("akas",)}, {"max_bad_share": 5}, {"user_salt": "x"}, {"engine": "pandas"},
     {"title_types": ()}, {"duplicate_ratings": "mean"}],
)  # fmt: skip
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(InputError):
        CleaningRules.preset(**wrong)


def test_an_unknown_preset_is_refused():
    with pytest.raises(InputError, match="default, paper"):
        CleaningRules.preset("papper")


def test_default_rules_on_titles(raw, run, rows):
    raw.add("basics", "tt1111111", "tvSeries", "A", "A", "0", "2000", "\\N", "\\N", "\\N")
    raw.add("basics", "tt1111112", "movie", "B", "B", "0", "\\N", "\\N", "\\N", "\\N")
    raw.add("basics", "tt1111113", "movie", "C", "C", "0", "1999.5", "\\N", "\\N", "\\N")
    raw.add("basics", "tt1111114", "movie", "Alone", "Alone", "0", "2001", "\\N", "\\N", "\\N")
    result = run(raw)
    assert result.report["tables"]["basics"]["removed"] == {"no_year": 1, "title_type": 1}
    assert result.report["tables"]["basics"]["faults"] == {"not_a_number": 1}
    (alone,) = (row for row in rows(result, "movies") if row["title"] == "Alone")
    assert alone == {
        "tconst": "tt1111114", "title": "Alone", "year": 2001, "runtimeMinutes": None, "averageRating": None,
        "numVotes": None, "genres": None,
    }  # fmt: skip


def test_requirements_and_thresholds(raw, run):
    raw.tables["crew"][1] = "tt0000000\t\\N\tnm0000010"
    raw.tables["crew"][2] = "tt0000001\tnm0000001\t\\N"
    del raw.tables["title_ratings"][3]  # tt0000002
    raw.tables["title_ratings"][3] = "tt0000003\t4.4\t9000"
    raw.tables["title_ratings"][4] = "tt0000004\t4.5\t499"
    changes = {
        "require": ("year", "directors", "writers"),
        "in_tables": ("crew", "principals", "ratings"),
        "min_average_rating": 4.5,
        "min_num_votes": 450,
    }
    result = run(raw, **changes)
    assert result.report["tables"]["basics"]["removed"] == {
        "no_directors": 1, "no_writers": 1, "not_in_title_ratings": 1, "average_rating_below": 1,
    }  # fmt: skip
    assert result.counts["movies"] == 36


def test_the_last_rating_by_time_is_kept_and_on_a_tie_the_last_line(raw, run, rows):
    raw.rate("twice", "tt0000001", "9", "2021-01-01")
    raw.rate("twice", "tt0000001", "3", "2020-01-01")
    raw.rate("tie", "tt0000001", "4", "2020-01-01")
    raw.rate("tie", "tt0000001", "6", "2020-01-01")
    result = run(raw)
    kept = {
        row["userId"]: row["rating"] for row in rows(result, "ratings") if row["userId"] in {"twice", "tie"}
    }
    assert kept == {"twice": 9.0, "tie": 6.0}
    assert result.report["tables"]["user_ratings"]["removed"] == {"repeated_rating": 2}
    first = run(raw, duplicate_ratings="first")
    assert {row["rating"] for row in rows(first, "ratings") if row["userId"] == "twice"} == {3.0}


def test_magnitude_filter(raw, run, rows):
    raw.ratings = raw.ratings[:1]
    for user in range(10):
        for movie in range(3):  # movies 0 and 1 pass; movie 2 has too low a mean, movie 3 too few ratings
            raw.rate(f"u{user}", f"tt{movie:07d}", "5" if movie == 2 else "6", "2020-01-01")
    raw.rate("u0", "tt0000003", "10", "2020-01-01")
    raw.rate("single", "tt0000000", "10", "2020-01-01")
    raw.add("principals", "tt0000001", "4", "nm0000020", "actor", "\\N", "\\N")  # plays in movies 0 and 1
    rules = (
        "min_movie_mean",
        "min_movie_ratings",
        "min_actor_movies",
        "min_director_movies",
        "min_user_ratings",
    )
    paper = CleaningRules.preset("paper")
    result = run(raw, **{rule: getattr(paper, rule) for rule in rules})
    assert {row["tconst"] for row in rows(result, "movies")} == {"tt0000000", "tt0000001"}
    assert {(row["nconst"], row["tconst"]) for row in rows(result, "acted_in")} == {
        ("nm0000020", "tt0000000"), ("nm0000020", "tt0000001"),
    }  # fmt: skip
    assert {row["userId"] for row in rows(result, "ratings")} == {f"u{n}" for n in range(10)}
    assert result.counts["ratings"] == 20


def test_only_persons_related_to_a_movie_are_kept(raw, run, rows):
    raw.add("names", "nm7777777", "Nobody", "\\N", "\\N", "\\N", "\\N")
    raw.tables["names"] = [line for line in raw.tables["names"] if not line.startswith("nm0000002\t")]
    raw.tables["crew"][1] = "tt0000000\tnm0000020, nm0000020\tnm0000020"  # an actor who directs and writes
    result = run(raw)
    persons = {row["nconst"]: row for row in rows(result, "persons")}
    assert "nm7777777" not in persons
    assert persons["nm0000002"]["name"] is None
    assert result.report["consistency"]["persons_without_name"] == 1
    assert persons["nm0000020"] == {
        "nconst": "nm0000020", "name": "Person 20", "is_actor": True, "is_director": True, "is_writer": True,
    }  # fmt: skip
    assert result.report["tables"]["directed"]["removed"] == {"repeated_person": 1}


def test_an_actor_listed_twice_in_a_movie_is_kept_once(raw, run, rows):
    raw.add("principals", "tt0000000", "4", "nm0000020", "actor", "\\N", '["Twin"]')
    raw.add("principals", "tt0000000", "0", "nm0000020", "actor", "\\N", '["First"]')
    result = run(raw)
    (row,) = (
        row
        for row in rows(result, "acted_in")
        if (row["tconst"], row["nconst"]) == ("tt0000000", "nm0000020")
    )
    assert (row["ordering"], row["characters"]) == (0, '["First"]')
    assert result.report["tables"]["principals"]["removed"]["repeated_person"] == 2


def test_user_ids_are_hashed(raw, run, rows, tmp_path):
    raw.rate("u0", "tt0000039", "11", "2020-01-01")
    plain = run(raw)
    expected = {row["userId"] for row in rows(plain, "ratings")}
    salt = "a secret's salt"
    result = run(raw, user_salt=salt)
    hashed = {row["userId"] for row in rows(result, "ratings")}
    assert hashed == {hashlib.sha256(f"{salt}:{user}".encode()).hexdigest()[:32] for user in expected}
    assert result.report["privacy"]["user_ids"] == "salted SHA-256"
    for path in result.folder.iterdir():
        content = path.read_bytes()
        assert salt.encode() not in content
        assert b"u0," not in content
    assert salt not in repr(CleaningRules(user_salt=salt))


def test_a_second_run_gives_the_same_tables(raw, run):
    first = {path.name: path.read_bytes() for path in run(raw).folder.glob("*.parquet")}
    second = {path.name: path.read_bytes() for path in run(raw).folder.glob("*.parquet")}
    assert first == second


def test_a_folder_without_a_report_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"report\.json"):
        CleaningResult.open(tmp_path)
