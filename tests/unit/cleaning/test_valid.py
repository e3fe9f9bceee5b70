"""Valid input is kept unchanged."""

import datetime as dt

TITLES = [
    'The "Quoted" One', '"', "O'Hara; or, the semicolon", "comma, comma,", "back\\slash \\n \\", "Ωμέγα 千と千尋 Солярис",
    "مرحبا", "e\u0301 é", "emoji 🎬", "  spaces  ", "\u2028 line separator", "{curly} $dollar 'tick`", "NULL", "\\\\N", "=1+1",
]  # fmt: skip


def test_special_characters_in_titles_and_names(raw, run, rows):
    for n, title in enumerate(TITLES):
        tconst, nconst = f"tt{1111111 + n}", f"nm{1111111 + n}"
        raw.add("basics", tconst, "movie", title, title, "0", "2000", "\\N", "\\N", "\\N")
        raw.add("crew", tconst, nconst, "\\N")
        raw.add("principals", tconst, "1", nconst, "actor", "\\N", title)
        raw.add("names", nconst, title, "\\N", "\\N", "\\N", "\\N")
    result = run(raw)
    assert [row["title"] for row in rows(result, "movies") if row["tconst"] >= "tt1111111"] == TITLES
    assert [row["name"] for row in rows(result, "persons") if row["nconst"] >= "nm1111111"] == TITLES
    assert [row["characters"] for row in rows(result, "acted_in") if row["tconst"] >= "tt1111111"] == TITLES


USER_IDS = {
    '"a,b"': "a,b",
    '"line\nbreak"': "line\nbreak",
    '"say ""hi"""': 'say "hi"',
    'in"side': 'in"side',
    "Jürgen; ö": "Jürgen; ö",
    " padded ": "padded",
    '"two\n\nbreaks, and ""quotes"""': 'two\n\nbreaks, and "quotes"',
}


def test_user_ids_from_the_csv(raw, run, rows, quarantined):
    for written in USER_IDS:
        raw.rate(written, "tt0000039", "5", "2020-01-01")
    late = raw.rate("u0", "tt0000039", "11", "2020-01-01")
    result = run(raw)
    assert set(USER_IDS.values()) <= {row["userId"] for row in rows(result, "ratings")}
    assert [entry["line"] for entry in quarantined(result)] == [late + "".join(USER_IDS).count("\n")]


def test_a_stray_quote_affects_one_row_only(raw, run, rows, quarantined):
    line = raw.rate('"open', "tt0000039", "5", "2020-01-01")
    raw.rate("after", "tt0000039", "5", "2020-01-01")
    result = run(raw)
    assert "after" in {row["userId"] for row in rows(result, "ratings")}
    assert [entry["line"] for entry in quarantined(result)] in ([], [line])


DATES = {
    "2005-01-16": "2005-01-16T00:00:00+00:00",
    "2005-01-16T10:20:30Z": "2005-01-16T10:20:30+00:00",
    "2005-01-16 10:20:30": "2005-01-16T10:20:30+00:00",
    "2005-01-16T10:20:30.999Z": "2005-01-16T10:20:30+00:00",
    "2005-01-16T10:20:30+00:00": "2005-01-16T10:20:30+00:00",
    "2005-01-16T10:20:30+02:00": "2005-01-16T08:20:30+00:00",
    "2005-01-16T10:20:30-0130": "2005-01-16T11:50:30+00:00",
    "2005-01-16T10:20Z": "2005-01-16T10:20:00+00:00",
    "16 January 2005": "2005-01-16T00:00:00+00:00",
    "  6 Jan 2005  ": "2005-01-06T00:00:00+00:00",
    "29 february 2004": "2004-02-29T00:00:00+00:00",
    "1969-12-31": "1969-12-31T00:00:00+00:00",
}


def test_dates(raw, run, rows):
    for n, written in enumerate(DATES):
        raw.rate(f"new{n}", "tt0000039", "5", written)
    given = {row["userId"]: row["ratedAt"] for row in rows(run(raw), "ratings")}
    assert {written: given[f"new{n}"] for n, written in enumerate(DATES)} == {
        written: dt.datetime.fromisoformat(time).timestamp() for written, time in DATES.items()
    }


def test_ratings_without_a_header_padded_with_spaces(raw, run, rows):
    with_header = run(raw)
    before = rows(with_header, "ratings")
    fields = [line.split(",") for line in raw.ratings[1:]]
    raw.ratings = [
        f" {user} , {tconst} , {rating} , {int(date[8:10])} January 2020 "
        for user, tconst, rating, date in fields
    ]
    after = rows(run(raw), "ratings")
    assert len(after) == len(before)
    assert {(row["userId"], row["tconst"], row["rating"], row["ratedAt"]) for row in after} == {
        (row["userId"], row["tconst"], row["rating"], row["ratedAt"] // 86400 * 86400) for row in before
    }


def test_columns_in_another_order_and_spelling(raw, run):
    raw.ratings = [",".join(reversed(line.split(","))) for line in raw.ratings]
    raw.ratings[0] = "Review Date,Rating,MovieID,User_ID"
    assert run(raw).counts["ratings"] == 200


def test_extra_columns(raw, run):
    raw.tables["basics"] = [f"{line}\tx" for line in raw.tables["basics"]]
    raw.ratings = [f"{line},x" for line in raw.ratings]
    assert run(raw).counts["ratings"] == 200


def test_plain_files_byte_order_mark_and_no_last_line_feed(raw, run):
    raw.ratings[0] = f"\ufeff{raw.ratings[0]}"
    text = "\n".join(raw.ratings)
    raw.ratings = []
    (raw.folder / "user_rating.csv").write_text(text, encoding="utf-8")
    (raw.folder / "title.crew.tsv").write_text("\n".join(raw.tables.pop("crew")), encoding="utf-8")
    result = run(raw)
    assert result.counts["ratings"] == 200
    assert result.counts["directed"] == 40


def test_without_ratings_there_are_only_movies(raw, run):
    raw.ratings = []
    result = run(raw)
    assert result.counts["ratings"] == 0
    assert result.counts["movies"] == 40


def test_column_types_do_not_depend_on_missing_values(raw, run):
    import pyarrow.parquet as pq

    full = {name: pq.read_schema(run(raw).path(name)).types for name in ("movies", "ratings")}
    raw.ratings = []
    raw.tables["title_ratings"] = raw.tables["title_ratings"][:1]
    result = run(raw)
    assert {name: pq.read_schema(result.path(name)).types for name in full} == full
