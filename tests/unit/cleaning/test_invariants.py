"""Invariants for any input: ids are unique, relationships have both ends, counts add up."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgrec_gds.cleaning import CleaningRules, clean

KEYS = {
    "movies": ("tconst",),
    "persons": ("nconst",),
    "genres": ("name",),
    "acted_in": ("nconst", "tconst"),
    "directed": ("nconst", "tconst"),
    "wrote": ("nconst", "tconst"),
    "has_genre": ("tconst", "name"),
    "ratings": ("userId", "tconst"),
}


def check(result, rows):
    tables = {name: rows(result, name) for name in KEYS}
    for name, key in KEYS.items():
        ids = [tuple(row[column] for column in key) for row in tables[name]]
        assert None not in {part for parts in ids for part in parts}
        assert len(ids) == len(set(ids)), name
        assert len(ids) == result.counts[name]
    movies = {row["tconst"] for row in tables["movies"]}
    persons = {row["nconst"]: row for row in tables["persons"]}
    for name, flag in (("acted_in", "is_actor"), ("directed", "is_director"), ("wrote", "is_writer")):
        assert {row["tconst"] for row in tables[name]} <= movies
        assert {row["nconst"] for row in tables[name]} == {n for n, row in persons.items() if row[flag]}
    assert {row["tconst"] for row in tables["ratings"]} <= movies
    assert {row["name"] for row in tables["has_genre"]} == {row["name"] for row in tables["genres"]}
    assert all(1 <= row["rating"] <= 10 and row["ratedAt"] is not None for row in tables["ratings"])
    for count in result.report["tables"].values():
        gone = sum(sum(count[kind].values()) for kind in ("faults", "unknown", "removed"))
        assert count["rows_in"] == count["rows_kept"] + gone
    read = result.report["tables"]
    kept = {"movies": "basics", "acted_in": "principals", "directed": "directed", "wrote": "wrote"}
    assert all(read[source]["rows_kept"] == result.counts[table] for table, source in kept.items())


titles = st.sampled_from(["tt1", "tt2", "tt3", "tt4", "ttx", ""])
people = st.sampled_from(["nm1", "nm2", "nm3", "\\N", ""])
lists = st.lists(st.sampled_from(["nm1", "nm2", "nm3", ""]), max_size=3).map(",".join)
text = st.text(st.characters(exclude_characters="\t\r\n\x1f", exclude_categories=["Cs"]), max_size=6)
rows_of_tables = st.fixed_dictionaries(
    {
        "title.basics": st.lists(
            st.tuples(titles, st.sampled_from(["movie", "short", "\\N"]), text, st.sampled_from(["1999", "\\N", "x"]),
                      text, text), max_size=6),
        "title.crew": st.lists(st.tuples(titles, lists, lists), min_size=1, max_size=6),
        "title.principals": st.lists(
            st.tuples(titles, st.sampled_from(["1", "2", "a"]), people,
                      st.sampled_from(["actor", "actress", "director"]), text), min_size=1, max_size=8),
        "name.basics": st.lists(st.tuples(people, text), min_size=1, max_size=5),
        "title.ratings": st.lists(st.tuples(titles, st.sampled_from(["7.1", "\\N"]), st.just("600")), max_size=4),
        "user_rating": st.lists(
            st.tuples(st.sampled_from(["1", "2", '"3,"', " "]), titles, st.sampled_from(["1", "10", "0", "7.5"]),
                      st.sampled_from(["2020-01-01", "2020-01-02T00:00:01Z", "31 February 2010", "1 May 2010"])),
            min_size=1, max_size=12),
    }
)  # fmt: skip
HEADERS = {
    "title.basics": "tconst\ttitleType\tprimaryTitle\tstartYear\truntimeMinutes\tgenres",
    "title.crew": "tconst\tdirectors\twriters",
    "title.principals": "tconst\tordering\tnconst\tcategory\tcharacters",
    "name.basics": "nconst\tprimaryName",
    "title.ratings": "tconst\taverageRating\tnumVotes",
    "user_rating": "userID,tconst,rating,review_date",
}
#: Added to the drawn rows, so that a movie and a rating are left and no required table is blank.
VALID_ROWS = {
    "title.basics": ["tt1\tmovie\tOne\t1999\t\\N\tDrama", "tt5\tmovie\tFive\t1999\t90\tDrama,Comedy"],
    "title.crew": ["tt5\tnm3\t\\N"],
    "name.basics": ["nm3\tThree"],
    "user_rating": ["9,tt5,7,2020-01-01"],
}


@given(rows_of_tables)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_invariants_hold_for_any_input(tmp_path, rows, drawn):
    for stem, lines in drawn.items():
        separator, suffix = (",", "csv") if stem == "user_rating" else ("\t", "tsv")
        body = [HEADERS[stem], *(separator.join(line) for line in lines)]
        body += VALID_ROWS.get(stem, [])
        (tmp_path / f"{stem}.{suffix}").write_text("\n".join(body) + "\n", encoding="utf-8", newline="")
    check(clean(tmp_path, None, CleaningRules(max_bad_share=1), out=tmp_path / "out"), rows)


@pytest.mark.real_data
@pytest.mark.parametrize("preset", ["default", "paper"])
@pytest.mark.parametrize("name", ["movielens", "movietweetings"])
def test_invariants_hold_for_the_real_data_sets(shared_data, tmp_path, rows, name, preset):
    result = clean(shared_data / name, None, CleaningRules.preset(preset), out=tmp_path / "out")
    check(result, rows)
    read = result.report["tables"]
    if name == "movielens":
        assert (read["user_ratings"]["rows_in"], read["basics"]["rows_in"]) == (100_836, 9_724)
        assert read["basics"]["removed"]["no_year"] == 7
    else:
        assert (read["user_ratings"]["rows_in"], read["basics"]["rows_in"]) == (141_695, 12_611)
        assert read["user_ratings"]["faults"] == {"rating_outside_1_10": 17}
    if preset == "default":
        users, ratings, movies = {
            "movielens": (610, 100_827, 9_717),
            "movietweetings": (21_081, 141_678, 12_611),
        }[name]
        assert (result.counts["users"], result.counts["ratings"], result.counts["movies"]) == (
            users,
            ratings,
            movies,
        )


@pytest.mark.real_data
def test_invariants_hold_for_samples_of_imdb(shared_data, tmp_path, rows):
    result = clean(shared_data / "imdb-samples" / "ntuaflix", None, CleaningRules(), out=tmp_path / "out")
    check(result, rows)
    assert (result.counts["movies"], result.counts["ratings"]) == (300, 0)
