"""A faulty row is quarantined with file, line and reason, and the others are kept."""

import gzip

import pytest

FILES = {
    "basics": "title.basics.tsv.gz",
    "crew": "title.crew.tsv.gz",
    "principals": "title.principals.tsv.gz",
    "names": "name.basics.tsv.gz",
    "title_ratings": "title.ratings.tsv.gz",
}


def fault(table, line, reason):
    return {"file": table, "line": line, "kind": "fault", "reason": reason}


def without_row(entries):
    return [{name: value for name, value in entry.items() if name != "row"} for entry in entries]


def test_rating_outside_1_to_10(raw, run, quarantined):
    bad = ["0", "11", "-1", "10.5", "nan", "inf", "1e1", "good", "", "0x5"]
    lines = [raw.rate("u0", "tt0000039", rating, "2020-01-01") for rating in bad]
    result = run(raw)
    assert without_row(quarantined(result)) == [
        fault("user_rating.csv.gz", line, "rating_outside_1_10") for line in lines
    ]
    assert [entry["row"] for entry in quarantined(result)] == raw.ratings[-len(bad) :]
    assert result.counts["ratings"] == 200


def test_impossible_date(raw, run, quarantined):
    bad = [
        "31 February 2010",
        "2010-02-31",
        "yesterday",
        "",
        "2010-13-01",
        "2010-01-01T25:00:00Z",
        "5 Brumaire 1799",
        "20100101",
    ]
    lines = [raw.rate("u0", "tt0000039", "5", date) for date in bad]
    assert without_row(quarantined(run(raw))) == [
        fault("user_rating.csv.gz", line, "impossible_date") for line in lines
    ]


def test_ratings_of_unknown_movies_are_counted_but_never_stop_the_import(raw, run, quarantined):
    for n in range(300):
        raw.rate(f"u{n}", f"tt9{n:06d}", "5", "2020-01-01")
    result = run(raw)
    assert result.report["tables"]["user_ratings"]["unknown"] == {"unknown_title": 300}
    assert result.counts["ratings"] == 200
    assert {entry["kind"] for entry in quarantined(result)} == {"unknown"}


def test_people_of_unknown_titles_are_faults(raw, run, quarantined):
    crew = raw.add("crew", "tt9999999", "nm0000001", "\\N")
    principals = raw.add("principals", "tt9999999", "1", "nm0000001", "actor", "\\N", "\\N")
    assert without_row(quarantined(run(raw))) == [
        fault("title.crew.tsv.gz", crew, "unknown_title"),
        fault("title.principals.tsv.gz", principals, "unknown_title"),
    ]


def test_people_of_titles_other_than_movies_are_not_faults(raw, run, quarantined):
    raw.add("basics", "tt1111111", "tvSeries", "S", "S", "0", "2000", "\\N", "\\N", "\\N")
    raw.add("crew", "tt1111111", "nm0000001", "\\N")
    result = run(raw)
    assert quarantined(result) == []
    assert result.report["tables"]["crew"]["removed"] == {"movie_not_kept": 1}


def test_duplicate_id(raw, run, rows, quarantined):
    lines = {}
    for table in ("names", "basics", "crew", "principals", "title_ratings"):
        copy = raw.tables[table][5].replace("Movie", "Other").replace("Person", "Other")
        lines[FILES[table]] = raw.add(table, *copy.split("\t"))
    result = run(raw)
    assert without_row(quarantined(result)) == [
        fault(file, line, "duplicate_id") for file, line in sorted(lines.items())
    ]
    assert not [row for row in rows(result, "movies") if "Other" in row["title"]]
    assert not [row for row in rows(result, "persons") if "Other" in row["name"]]


@pytest.mark.parametrize("bend", [lambda line: line + "\textra", lambda line: line.rpartition("\t")[0]])
def test_wrong_number_of_fields(raw, run, quarantined, bend):
    tables = ("names", "basics", "crew", "principals", "title_ratings")
    for table in tables:
        raw.tables[table][5] = bend(raw.tables[table][5])  # line 6 of the file
    assert without_row(quarantined(run(raw))) == [
        fault(file, 6, "wrong_number_of_fields") for file in sorted(FILES[table] for table in tables)
    ]


def test_the_id_of_a_faulty_title_is_still_known(raw, run, quarantined):
    raw.tables["basics"][5] += "\textra"
    result = run(raw)
    assert [entry["file"] for entry in quarantined(result)] == ["title.basics.tsv.gz"]
    assert result.report["tables"]["crew"]["removed"] == {"movie_not_kept": 1}


def test_wrong_number_of_fields_in_ratings(raw, run, quarantined):
    raw.ratings[2] += ",extra"
    raw.ratings[4] = "u1,tt0000001,5"
    entries = quarantined(run(raw))
    assert [(entry["line"], entry["reason"]) for entry in entries] == [
        (3, "wrong_number_of_fields"),
        (5, "wrong_number_of_fields"),
    ]


def test_invalid_utf8(raw, run, quarantined):
    raw.write()
    path = raw.folder / "name.basics.tsv.gz"
    path.write_bytes(
        gzip.compress(gzip.decompress(path.read_bytes()).replace(b"Person 3\t", b"Pers\xf6n 3\t"))
    )
    del raw.tables["names"]
    result = run(raw)
    assert without_row(quarantined(result)) == [fault("name.basics.tsv.gz", 5, "not_utf8")]


def test_empty_user_id(raw, run, quarantined):
    line = raw.rate("  ", "tt0000039", "5", "2020-01-01")
    assert without_row(quarantined(run(raw))) == [fault("user_rating.csv.gz", line, "no_id")]


def test_line_numbers_count_blank_lines(raw, run, quarantined):
    raw.ratings[3:3] = ["", "  "]
    line = raw.rate("u0", "tt0000039", "11", "2020-01-01")
    result = run(raw)
    assert [entry["line"] for entry in quarantined(result)] == [line]
    assert result.report["tables"]["user_ratings"]["rows_in"] == 201


def test_line_numbers_with_windows_line_ends(raw, run, quarantined):
    line = raw.rate("u0", "tt0000039", "11", "2020-01-01")
    raw.ratings = [f"{text}\r" for text in raw.ratings]
    result = run(raw)
    assert [entry["line"] for entry in quarantined(result)] == [line]
    assert result.counts["ratings"] == 200


def test_rows_removed_by_a_rule_are_quarantined_on_request(raw, run, quarantined):
    line = raw.add("basics", "tt1111111", "short", "S", "S", "0", "2000", "\\N", "\\N", "\\N")
    assert quarantined(run(raw)) == []
    entries = quarantined(run(raw, quarantine_removed=True))
    shorts = [entry for entry in entries if entry["file"] == "title.basics.tsv.gz"]
    assert [(entry["line"], entry["kind"], entry["reason"]) for entry in shorts] == [
        (line, "rule", "title_type")
    ]
    assert shorts[0]["row"] == raw.tables["basics"][-1]


def test_hashing_user_ids_hides_only_the_rows_of_ratings(raw, run, quarantined):
    crew = raw.add("crew", "tt9999999", "nm0000001", "\\N")
    rating = raw.rate("u0", "tt0000039", "11", "2020-01-01")
    entries = quarantined(run(raw, user_salt="a secret's salt"))
    assert [(entry["file"], entry["line"], entry["row"] == "") for entry in entries] == [
        ("title.crew.tsv.gz", crew, False),
        ("user_rating.csv.gz", rating, True),
    ]


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("more", [0, 1, 60])
def test_ratings_that_end_inside_a_quoted_field(raw, run, quarantined, more, end):
    raw.write()
    path = raw.folder / "user_rating.csv.gz"
    cut_off = 'u0,tt0000039,"5,2020-01-01' + "\nmore" * more + end
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + cut_off.encode()))
    line = len(raw.ratings) + 1
    raw.ratings = []
    result = run(raw, max_bad_share=1)
    reasons = {entry["line"]: entry["reason"] for entry in quarantined(result)}
    assert reasons == dict.fromkeys(range(line, line + 1 + more), "wrong_number_of_fields")
    assert result.counts["ratings"] == 200


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_quarantined_row_is_no_formula_in_a_spreadsheet(raw, run, quarantined, start):
    raw.rate(f"{start}HYPERLINK(1)", "tt0000001", "17", "2020-01-01")
    (entry,) = quarantined(run(raw))
    assert entry["row"] == f"'{start}HYPERLINK(1),tt0000001,17,2020-01-01"
