"""What is valid arrives unchanged."""

import datetime as dt

import pytest

TITLES = [
    'The "Quoted" One', '"', "O'Hara; or, the semicolon", "comma, comma,", "back\\slash \\n \\", "Ωμέγα 千と千尋 Солярис",
    "مرحبا", "e\u0301 é", "emoji 🎬", "  spaces  ", "\u2028 line separator", "{curly} $dollar 'tick`", "NULL", "\\\\N", "=1+1",
]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_titles_and_names(raw, run, rows, title):
    raw.add("basics", "tt1111111", "movie", title, title, "0", "2000", "\\N", "\\N", "\\N")
    raw.add("crew", "tt1111111", "nm1111111", "\\N")
    raw.add("principals", "tt1111111", "1", "nm1111111", "actor", "\\N", title)
    raw.add("names", "nm1111111", title, "\\N", "\\N", "\\N", "\\N")
    prepared = run(raw)
    assert [row["title"] for row in rows(prepared, "movies") if row["tconst"] == "tt1111111"] == [title]
    assert [row["name"] for row in rows(prepared, "persons") if row["nconst"] == "nm1111111"] == [title]
    assert [row["characters"] for row in rows(prepared, "acted_in") if row["tconst"] == "tt1111111"] == [title]


@pytest.mark.parametrize(
    ("written", "user_id"),
    [
        ('"a,b"', "a,b"),
        ('"line\nbreak"', "line\nbreak"),
        ('"say ""hi"""', 'say "hi"'),
        ('in"side', 'in"side'),
        ("Jürgen; ö", "Jürgen; ö"),
        (" padded ", "padded"),
        ('"two\n\nbreaks, and ""quotes"""', 'two\n\nbreaks, and "quotes"'),
    ],
)
def test_user_ids_from_the_csv(raw, run, rows, quarantined, written, user_id):
    raw.rate(written, "tt0000039", "5", "2020-01-01")
    late = raw.rate("u0", "tt0000039", "11", "2020-01-01")
    prepared = run(raw)
    assert user_id in {row["userId"] for row in rows(prepared, "ratings")}
    assert [entry["line"] for entry in quarantined(prepared)] == [late + written.count("\n")]


def test_a_stray_quote_costs_one_row(raw, run, rows, quarantined):
    line = raw.rate('"open', "tt0000039", "5", "2020-01-01")
    raw.rate("after", "tt0000039", "5", "2020-01-01")
    prepared = run(raw)
    assert "after" in {row["userId"] for row in rows(prepared, "ratings")}
    assert [entry["line"] for entry in quarantined(prepared)] in ([], [line])


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2005-01-16", dt.datetime(2005, 1, 16)),
        ("2005-01-16T10:20:30Z", dt.datetime(2005, 1, 16, 10, 20, 30)),
        ("2005-01-16 10:20:30", dt.datetime(2005, 1, 16, 10, 20, 30)),
        ("2005-01-16T10:20:30.999Z", dt.datetime(2005, 1, 16, 10, 20, 30)),
        ("2005-01-16T10:20:30+00:00", dt.datetime(2005, 1, 16, 10, 20, 30)),
        ("2005-01-16T10:20:30+02:00", dt.datetime(2005, 1, 16, 8, 20, 30)),
        ("2005-01-16T10:20:30-0130", dt.datetime(2005, 1, 16, 11, 50, 30)),
        ("2005-01-16T10:20Z", dt.datetime(2005, 1, 16, 10, 20)),
        ("16 January 2005", dt.datetime(2005, 1, 16)),
        ("  6 Jan 2005  ", dt.datetime(2005, 1, 6)),
        ("29 february 2004", dt.datetime(2004, 2, 29)),
        ("1969-12-31", dt.datetime(1969, 12, 31)),
    ],
)
def test_dates(raw, run, rows, written, moment):
    raw.rate("new", "tt0000039", "5", written)
    (row,) = (row for row in rows(run(raw), "ratings") if row["userId"] == "new")
    assert row["ratedAt"] == moment.replace(tzinfo=dt.UTC).timestamp()


def test_the_public_form_without_header_and_with_spaces(raw, run, rows):
    with_header = run(raw)
    before = rows(with_header, "ratings")
    fields = [line.split(",") for line in raw.ratings[1:]]
    raw.ratings = [
        f" {user} , {tconst} , {rating} , {int(date[8:10])} January 2020 " for user, tconst, rating, date in fields
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
    prepared = run(raw)
    assert prepared.counts["ratings"] == 200
    assert prepared.counts["directed"] == 40


def test_no_ratings_at_all_gives_the_graph_of_movies(raw, run):
    raw.ratings = []
    prepared = run(raw)
    assert prepared.counts["ratings"] == 0
    assert prepared.counts["movies"] == 40


def test_types_are_the_same_whatever_is_null(raw, run):
    import pyarrow.parquet as pq

    full = {name: pq.read_schema(run(raw).path(name)).types for name in ("movies", "ratings")}
    raw.ratings = []
    raw.tables["title_ratings"] = raw.tables["title_ratings"][:1]
    prepared = run(raw)
    assert {name: pq.read_schema(prepared.path(name)).types for name in full} == full
