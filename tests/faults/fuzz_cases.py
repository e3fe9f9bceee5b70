"""Draw one fault case from a seed: a changed value, a changed file, or changed bytes."""

import bz2
import csv
import gzip
import io
import lzma
import os
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults import reference
from tests.faults.small_data import RATINGS, Case, encoded, sound

USERS = (
    "", " ", "nan", "None", "\\N", "u" * 257, "u" * 9000, '"u1', "[b]u1[/b]", "u;1", "u,1", "=1+1", "ü 🎬", "\x1b[31m", " u1 ",
    "two\nlines", "NULL", "-1", "u1\tx", "u" * 256,
)  # fmt: skip
IDS = (
    "", "tt", "tt9999999", "TT0000008", "8", "8.0", "0000008", "tt8", "https://www.imdb.com/title/tt0000008/?ref_=x",
    "m.imdb.com/title/tt0000008", "imdb.com/de/title/tt0000008/", "nm0000008", "tt0000008x", "-8", "1e5", "tt" + "9" * 30, "nan",
    " tt0000008 ", "Title 8", "tt\N{FULLWIDTH DIGIT EIGHT}", "tt0000008 tt0000009", "8.5", "\\N",
)  # fmt: skip
STARS = (
    "", "0", "11", "-1", "nan", "inf", "1e1", "7,5", "7.5", "\N{FULLWIDTH DIGIT SEVEN}", "eight", "8/10", "10.0000001", "0x5",
    "1e400", "9" * 20, " 7 ", "7.", ".5", "1", "10", "10.0", "+7", "0.999", "None", "★★★",
)  # fmt: skip
DATES = (
    "", "2005-02-30", "2999-01-01", "2005-01-16T10:20:30+99:99", "2005-01-16T10:20:30-15:00", "1100000000", "1100000000000",
    "1100000000.0", "1100000000000000", "1100000000000000000", "16 January 2005", "January 16, 2005", "01/16/2005", "nan",
    "2005-01-16T25:00", "-5", "0000-00-00", "20050116", "2005/01/16", "9" * 19, "9" * 25, "2005-01-16T10:20:30 +02",
    "2005-1-6", "2005-01-16T10:20:30.123456Z", "1899-12-31", "29 February 2005", "2005-13-01", "5 Brumaire 1799", "38368",
    "1.1E+09", "2005-01-16 10:20:30 UTC", "2005-01-16T24:00:00Z", "2005-01-16T10:20:60Z", "2005-01-16T10:20:30+05:30",
    "tomorrow", "2005", "16.01.2005", "99999999999",
)  # fmt: skip
FAULT, GONE = "fault", "gone"
#: File, column, value, and what becomes of it: a fault, a row that a rule removes, or a value of a clean table.
CELLS: tuple[tuple[str, str, str, Any], ...] = (
    *(("title.basics.tsv", "tconst", it, FAULT) for it in ("", "nan", "nm0000001", "0000001", "tt", "tt1x", "x" * 9000)),
    *(("title.basics.tsv", "startYear", it, FAULT) for it in ("99999", "-5", "0", "nan", "1999.5", "19 99", "2151", "1e3", "None")),
    ("title.basics.tsv", "startYear", "\\N", GONE),
    ("title.basics.tsv", "startYear", "1999.0", ("movies", "year", 1999)),
    ("title.basics.tsv", "startYear", "2150", ("movies", "year", 2150)),
    *(("title.basics.tsv", "runtimeMinutes", it, FAULT) for it in ("-1", "nan", "90.5", "100001", "Drama", "9" * 25, "1:30")),
    ("title.basics.tsv", "runtimeMinutes", "90.0", ("movies", "runtimeMinutes", 90)),
    ("title.basics.tsv", "runtimeMinutes", "\\N", ("movies", "runtimeMinutes", None)),
    *(("title.basics.tsv", "genres", it, FAULT) for it in ("nan", "Drama,\\N", "None", "Drama,nan", "G" * 101, "Drama, NULL")),
    ("title.basics.tsv", "genres", "\\N", ("movies", "genres", None)),
    *(("title.basics.tsv", "primaryTitle", it, FAULT) for it in ("nan", "<NA>", "T" * 1001, "T" * 100_000)),
    *(("title.basics.tsv", "primaryTitle", it, ("movies", "title", it)) for it in ("[b]x[/b]", '"', "NULL", "T" * 1000, "=1+1", "\x1b[31m")),
    *(("title.basics.tsv", "titleType", it, GONE) for it in ("tvSeries", "\\N", "nan", "Movie")),
    *(("title.crew.tsv", "tconst", it, FAULT) for it in ("", "tt9999999", "nan", "8")),
    *(("title.crew.tsv", "directors", it, FAULT) for it in ("nan", "None", "nm0000001,\\N", "Jane Doe", "tt0000001", "nm", "1", "nm1;nm2", "nm1,,nm2")),
    *(("title.crew.tsv", "writers", it, FAULT) for it in ("nan", "NULL", "\\N,nm0000001", "x" * 9000)),
    *(("title.principals.tsv", "nconst", it, FAULT) for it in ("", "nan", "tt0000001", "Jane", "\\N", "nm" + "1" * 16)),
    *(("title.principals.tsv", "ordering", it, FAULT) for it in ("", "-1", "x", "1.5", "100001", "nan")),
    *(("title.principals.tsv", "characters", it, FAULT) for it in ("c" * 10_001,)),
    ("title.principals.tsv", "category", "director", GONE),
    *(("name.basics.tsv", "nconst", it, FAULT) for it in ("", "nan", "tt0000001", "1")),
    *(("name.basics.tsv", "primaryName", it, FAULT) for it in ("nan", "NaN", "N" * 1001)),
    *(("title.ratings.tsv", "averageRating", it, FAULT) for it in ("", "0", "10.1", "nan", "75", "7,5", "-1", "x")),
    *(("title.ratings.tsv", "numVotes", it, FAULT) for it in ("", "-1", "nan", "1e3", "1.5", "9" * 25)),
    ("title.ratings.tsv", "numVotes", "1234.0", ("movies", "numVotes", 1234)),
    ("title.ratings.tsv", "averageRating", "10", ("movies", "averageRating", 10.0)),
)  # fmt: skip


def draw(seed: int) -> Case:
    """The case of a seed."""
    random_ = random.Random(seed)
    kinds: list[Callable[[random.Random], Case]] = [_rating, _cell, _file, _bytes]
    (kind,) = random_.choices(kinds, weights=(25, 30, 30, 15))
    return kind(random_)


def _files(rows: dict[str, list[list[str]]]) -> dict[str, bytes | None]:
    return {name: encoded(lines, name) for name, lines in rows.items()}


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _rating(random_: random.Random) -> Case:
    rows = sound()
    at = random_.randrange(1, len(rows[RATINGS]))
    before = rows[RATINGS][at]
    column = random_.randrange(4)
    value = random_.choice((USERS, IDS, STARS, DATES)[column])
    fields = [*before[:column], value, *before[column + 1 :]]
    rows[RATINGS][at] = fields
    files = _files(rows) | {RATINGS: _csv(rows[RATINGS])}
    clean, known = reference.rating(fields), {row[0] for row in rows["title.basics.tsv"]}
    expected = "right" if clean is not None and clean["tconst"] in known else "set aside"
    name = f"{rows[RATINGS][0][column]} {value[:40]!r}"
    return Case(name, files, RATINGS, expected, line=at + 1, fields=fields, before=before)


def _cell(random_: random.Random) -> Case:
    rows = sound()
    file, column, value, becomes = random_.choice(CELLS)
    index = rows[file][0].index(column)
    at = random_.randrange(1, len(rows[file]))
    before = rows[file][at]
    rows[file][at] = [*before[:index], value, *before[index + 1 :]]

    def check(tables: dict[str, list[dict[str, Any]]]) -> None:
        table, property_, expected = becomes
        (row,) = (row for row in tables[table] if row["tconst"] == before[0])
        assert row[property_] == expected

    expected = "set aside" if becomes == FAULT else "right"
    case = Case(f"{file} {column} {value[:40]!r}", _files(rows), file, expected, line=at + 1, before=before)
    case.fields = rows[file][at]
    case.check = check if isinstance(becomes, tuple) else None
    return case


def _zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inside", content)
    return packed.getvalue()


def _replaced(make: Callable[[Any], None]) -> Callable[[str], Any]:
    def of(name: str) -> Any:
        def put(folder: Any) -> None:
            (folder / name).unlink()
            make(folder / name)

        return put

    return of


PLACES = {
    "folder": (_replaced(lambda path: path.mkdir()), "folder|directory"),
    "pipe": (_replaced(lambda path: os.mkfifo(path)), "FIFO"),
    "link": (_replaced(lambda path: path.symlink_to("nowhere")), "broken link"),
    "loop": (_replaced(lambda path: path.symlink_to(path)), "link"),
}
#: Contents that are to be refused, and what the refusal says.
REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "zip": (_zipped, "zip"),
    "xz": (lzma.compress, "xz"),
    "bz2": (bz2.compress, "bz2"),
    "gz without suffix": (gzip.compress, "gz"),
    "empty": (lambda _: b"", "empty"),
    "header only": (lambda it: it.split(b"\n")[0] + b"\n", "no rows"),
    "no header": (lambda it: b"\n".join(it.split(b"\n")[1:]), "[Hh]eader|format"),
    "page": (lambda _: b"<!DOCTYPE html><html><body>404</body></html>", "HTML"),
    "zeros": (lambda it: bytes(len(it)), "NUL"),
    "noise": (lambda it: random.Random(1).randbytes(len(it)), "."),
    "UTF-16 without mark": (lambda it: it.decode().encode("utf-16-le"), "NUL"),
    "JSON": (lambda _: b'[{"userID": "u1"}]\n', "line 1"),
}
#: Contents that are to be read as if they were unchanged.
SAME: dict[str, Callable[[bytes], bytes]] = {
    "byte order mark": lambda it: b"\xef\xbb\xbf" + it,
    "UTF-16": lambda it: it.decode().encode("utf-16"),
    "UTF-16 big-endian": lambda it: b"\xfe\xff" + it.decode().encode("utf-16-be"),
    "CR LF": lambda it: it.replace(b"\n", b"\r\n"),
    "CR": lambda it: it.replace(b"\n", b"\r"),
    "no last line feed": lambda it: it[:-1],
    "blank lines": lambda it: it.replace(b"\n", b"\n\n"),
}
SAME_RATINGS: dict[str, Callable[[bytes], bytes]] = {
    "semicolons": lambda it: it.replace(b",", b";"),
    "tabs": lambda it: it.replace(b",", b"\t"),
    "sep line": lambda it: b"sep=;\n" + it.replace(b",", b";"),
    "quoted": lambda it: b'"' + it[:-1].replace(b",", b'","').replace(b"\n", b'"\n"') + b'"\n',
    "reversed": lambda it: b"\n".join(b",".join(line.split(b",")[::-1]) for line in it.split(b"\n")),
    "one more column": lambda it: it.replace(b"\n", b",more\n"),
    "without tt": lambda it: it.replace(b",tt", b",").replace(b"tconst", b"imdbId"),
    "capitals": lambda it: it.replace(b",tt", b",TT"),
    "addresses": lambda it: it.replace(b",tt", b",https://www.imdb.com/title/tt"),
    "no header": lambda it: it.split(b"\n", 1)[1],
}
#: Scales: what a rating on 1-10 becomes, and what the refusal names.
SCALES: dict[str, tuple[Callable[[int], float], str]] = {
    "half stars": (lambda it: it / 2, "0.5-5"),
    "stars": (lambda it: (it + 1) // 2, "1-5"),
    "percent": (lambda it: it * 10, "0-100"),
    "share": (lambda it: it / 10, "0-1"),
    "from 0": (lambda it: it - 1 if it < 10 else 10, "0-10"),
}


def _file(random_: random.Random) -> Case:
    rows = sound()
    files = _files(rows)
    kind = random_.choice(
        ("place", "refused", "same", "same", "ratings", "ratings", "scale", "packed", "parquet")
    )
    name = RATINGS if kind in ("ratings", "scale") else random_.choice(sorted(files))
    content = files[name]
    assert content is not None
    if kind == "place":
        what = random_.choice(sorted(PLACES))
        of, pattern = PLACES[what]
        return Case(f"{name} is a {what}", files, name, "refused", pattern, make=of(name))
    if kind == "refused":
        what = random_.choice(sorted(REFUSED))
        change, pattern = REFUSED[what]
        optional = name == "title.ratings.tsv" and what == "header only"
        without_header = name == RATINGS and what == "no header"
        expected = "any" if optional or without_header else "refused"
        return Case(f"{name} {what}", files | {name: change(content)}, name, expected, pattern)
    if kind == "same":
        what = random_.choice(sorted(SAME))
        return Case(f"{name} {what}", files | {name: SAME[what](content)}, name, "right")
    if kind == "ratings":
        what = random_.choice(sorted(SAME_RATINGS))
        return Case(f"{name} {what}", files | {name: SAME_RATINGS[what](content)}, name, "right")
    if kind == "scale":
        what = random_.choice(sorted(SCALES))
        change_rating, pattern = SCALES[what]
        for row in rows[RATINGS][1:]:
            row[2] = f"{change_rating(int(row[2])):g}"
        return Case(f"ratings as {what}", _files(rows), name, "refused", f"rating-scale {pattern}")
    if kind == "packed":
        suffix = random_.choice((".gz", ".GZ"))
        packed = gzip.compress(content)
        cut = random_.choice((len(packed), len(packed) // 2, len(packed) - 4))
        expected = "right" if cut == len(packed) else "refused"
        changed = {name: None, name + suffix: packed[:cut]}
        return Case(f"{name}{suffix} to {cut}", files | changed, name + suffix, expected, "truncated")
    table = pa.table({column: [row[n] for row in rows[name][1:]] for n, column in enumerate(rows[name][0])})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    stem = name.rsplit(".", 1)[0] + ".parquet"
    return Case(f"{stem}", files | {name: None, stem: sink.getvalue().to_pybytes()}, stem, "right")


def _bytes(random_: random.Random) -> Case:
    """A few bytes below the header replaced, inserted, deleted or moved: any outcome that is not wrong."""
    files = _files(sound())
    name = random_.choice((RATINGS, RATINGS, *sorted(files)))
    content = bytearray(files[name] or b"")
    body = content.index(b"\n") + 1
    for _ in range(random_.randint(1, 3)):
        at = random_.randrange(body, len(content))
        junk = random_.choice(
            (
                b'"',
                b"\0",
                b"\xff",
                b"\t",
                b",",
                b"\n",
                b"\r",
                b"\\N",
                b"\x1f",
                b"'",
                b"\xe2\x80\xa8",
                random_.randbytes(3),
            )
        )
        content[at : at + random_.choice((0, 1, len(junk), 40))] = random_.choice((b"", junk, junk * 20))
    return Case(f"{name} bytes", files | {name: bytes(content)}, name, "any", ".")
