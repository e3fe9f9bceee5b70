"""Convert MovieLens and MovieTweetings to `user_rating.csv.gz`: userID, tconst, rating, review_date."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kgrec_gds.errors import InputError

Row = tuple[str, str, str, str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tconst(imdb_id: str) -> str:
    """IMDb's id of a title: `tt` and at least seven digits."""
    return f"tt{int(imdb_id):07d}"


def movielens(archive: Path) -> Iterator[Row]:
    """Ratings of a MovieLens zip by IMDb id; 0.5-5 stars are doubled to 1-10.

    Raises:
        InputError: the zip lacks `ratings.csv` or `links.csv`, or they have other columns.
    """
    with zipfile.ZipFile(archive) as files:
        names = {Path(name).name: name for name in files.namelist()}
        if not {"ratings.csv", "links.csv"} <= names.keys():
            raise InputError(
                f"{archive} lacks ratings.csv or links.csv; it contains {', '.join(sorted(names))}."
            )
        try:
            with files.open(names["links.csv"]) as file:
                imdb_ids = {
                    row["movieId"]: row["imdbId"] for row in csv.DictReader(io.TextIOWrapper(file, "utf-8"))
                }
            with files.open(names["ratings.csv"]) as file:
                for row in csv.DictReader(io.TextIOWrapper(file, "utf-8")):
                    if imdb_id := imdb_ids.get(row["movieId"]):
                        rating = f"{2 * float(row['rating']):g}"
                        yield row["userId"], tconst(imdb_id), rating, _date(row["timestamp"])
        except (KeyError, ValueError) as error:
            raise InputError(f"{archive} lacks MovieLens's columns: {error}.") from error


def movietweetings(ratings: Path) -> Iterator[Row]:
    """Ratings of MovieTweetings, with lines `user::imdb id::rating::epoch seconds`.

    Raises:
        InputError: a line has another format.
    """
    with ratings.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                user, imdb_id, rating, timestamp = line.decode().strip().split("::")
                yield user, tconst(imdb_id), rating, _date(timestamp)
            except ValueError as error:
                shown = line.decode(errors="backslashreplace").strip()
                raise InputError(
                    f"{ratings}:{number}: unexpected line {shown!r}; expected user::movie::rating::time in UTF-8."
                ) from error


def write_ratings(rows: Iterable[Row], target: Path, source: str) -> int:
    """Write `user_rating.csv.gz`, marked with the name of its source, and return the number of ratings."""
    partial = target.with_name(f"{target.name}.part")
    count = 0
    with (
        partial.open("wb") as raw,
        gzip.GzipFile(_original_name(source), "wb", fileobj=raw) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(("userID", "tconst", "rating", "review_date"))
        for count, row in enumerate(rows, start=1):  # noqa: B007 - count is used after the loop
            writer.writerow(row)
    partial.replace(target)
    return count


def is_written_by(path: Path, source: str) -> bool:
    """Whether `write_ratings` wrote this file for this source."""
    with path.open("rb") as file:
        head = file.read(64)
    # gzip header: two magic bytes, method, flags (8: a file name follows), six bytes, the file name, a NUL.
    return (
        head[:2] == b"\x1f\x8b"
        and head[3:4] == b"\x08"
        and head[10:].split(b"\0")[0] == _original_name(source).encode()
    )


def _original_name(source: str) -> str:
    """The file name in the gzip header, which marks the source even if the file is renamed."""
    return f"user_rating-{source}.csv"


def _date(epoch_seconds: str) -> str:
    try:
        # `fromtimestamp` raises three different errors for times out of range.
        time = _EPOCH + timedelta(seconds=int(epoch_seconds))
    except OverflowError as error:
        raise ValueError(f"{epoch_seconds} is out of range") from error
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
