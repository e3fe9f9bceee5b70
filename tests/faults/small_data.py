"""A small sound data set as texts, which fault cases change before they write it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from kgrec_gds.cleaning import CleaningResult
from kgrec_gds.cleaning.cleaning_result import TABLE_NAMES

MOVIES = 40
RATINGS = "user_rating.csv"


def tconst(n: int) -> str:
    return f"tt{n % MOVIES + 1:07d}"


def sound() -> dict[str, list[list[str]]]:
    """File -> its rows as fields, header first."""
    people = [f"nm{n:07d}" for n in range(1, 45)]
    return {
        "title.basics.tsv": [
            [
                "tconst",
                "titleType",
                "primaryTitle",
                "originalTitle",
                "isAdult",
                "startYear",
                "endYear",
                "runtimeMinutes",
                "genres",
            ],
            *(
                [
                    tconst(n),
                    "movie",
                    f"Title {n}",
                    f"Title {n}",
                    "0",
                    str(1980 + n),
                    "\\N",
                    str(80 + n),
                    "Drama,Comedy",
                ]
                for n in range(MOVIES)
            ),
        ],
        "title.crew.tsv": [
            ["tconst", "directors", "writers"],
            *(
                [tconst(n), people[n % 9], f"{people[10 + n % 9]},{people[20 + n % 3]}"]
                for n in range(MOVIES)
            ),
        ],
        "title.principals.tsv": [
            ["tconst", "ordering", "nconst", "category", "job", "characters"],
            *(
                [tconst(n), str(k + 1), people[30 + (n + 3 * k) % 14], "actor", "\\N", '["Hero"]']
                for n in range(MOVIES)
                for k in range(2)
            ),
        ],
        "name.basics.tsv": [
            ["nconst", "primaryName", "birthYear", "deathYear", "primaryProfession", "knownForTitles"],
            *([nconst, f"Person {nconst}", "1950", "\\N", "actor", "tt0000001"] for nconst in people),
        ],
        "title.ratings.tsv": [
            ["tconst", "averageRating", "numVotes"],
            *([tconst(n), f"{1 + n % 9}.5", str(100 + n)] for n in range(MOVIES)),
        ],
        RATINGS: [
            ["userID", "tconst", "rating", "review_date"],
            *(
                [
                    f"u{user}",
                    tconst(3 * k + 7 * user),
                    str((user + k) % 10 + 1),
                    f"2005-{k + 1:02d}-{user + 10}",
                ]
                for user in range(12)
                for k in range(8)
            ),
        ],
    }


@dataclass
class Case:
    """One changed data set, and what may become of it."""

    name: str
    files: dict[str, bytes | None]
    """Contents of each file; None for one that is not written."""
    changed: str
    """File that is changed."""
    expected: str
    """`refused`, `set aside`, `right`, or `any` of them."""
    pattern: str = ""
    """What a refusal has to say."""
    line: int = 0
    """Line that is changed, if it is one."""
    fields: list[str] = field(default_factory=list)
    """Fields of that line, changed."""
    before: list[str] = field(default_factory=list)
    """Fields of that line, unchanged."""
    check: Any = None
    """Gets the clean tables; raises AssertionError if they are not as they should be."""
    make: Any = None
    """Gets the folder after the files were written, to put something else in a file's place."""
    ratings: str | None = None
    """File given as the user ratings."""

    def write(self, folder: Path) -> None:
        folder.mkdir()
        for name, content in self.files.items():
            if content is not None:
                (folder / name).write_bytes(content)
        if self.make is not None:
            self.make(folder)


def encoded(rows: list[list[str]], name: str) -> bytes:
    separator = "," if name == RATINGS else "\t"
    return "".join(f"{separator.join(row)}\n" for row in rows).encode()


def clean_tables(result: CleaningResult) -> dict[str, list[dict[str, Any]]]:
    return {name: pq.read_table(result.path(name)).to_pylist() for name in TABLE_NAMES}
