"""Publishers of movie data: addresses, files and terms."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Publisher:
    """A publisher of movie data."""

    name: str
    address: str
    """Folder of the files; `--from` overrides it."""
    files: tuple[str, ...]
    terms: str
    """Printed before the download and stored with the data."""
    has_checksums: bool = False
    """Whether `<file>.md5` is published, at least for some files."""
    has_ratings: bool = True
    """Whether the files are converted to `user_rating.csv.gz`."""


IMDB = Publisher(
    name="imdb",
    address="https://datasets.imdbws.com",
    files=(
        "title.basics.tsv.gz",
        "title.crew.tsv.gz",
        "title.principals.tsv.gz",
        "name.basics.tsv.gz",
        "title.ratings.tsv.gz",
        "title.episode.tsv.gz",
    ),
    has_ratings=False,
    terms=(
        "IMDb's non-commercial datasets are for personal and non-commercial use only.\n"
        "Terms: https://developer.imdb.com/non-commercial-datasets/\n"
        "Information courtesy of IMDb (https://www.imdb.com). Used with permission.\n"
    ),
)

MOVIELENS = Publisher(
    name="movielens",
    address="https://files.grouplens.org/datasets/movielens",
    files=("ml-latest-small.zip",),
    has_checksums=True,
    terms=(
        "MovieLens is published by GroupLens, University of Minnesota, for research; it may be redistributed only under\n"
        "the same conditions and used commercially only with their permission. Its README is stored with the data.\n"
        "Terms: https://grouplens.org/datasets/movielens/\n"
    ),
)

MOVIETWEETINGS = Publisher(
    name="movietweetings",
    address="https://raw.githubusercontent.com/sidooms/MovieTweetings/master/latest",
    files=("ratings.dat",),
    terms=(
        "MovieTweetings is published by Simon Dooms under the MIT licence.\n"
        "Terms: https://github.com/sidooms/MovieTweetings\n"
    ),
)

PUBLISHERS = {publisher.name: publisher for publisher in (IMDB, MOVIELENS, MOVIETWEETINGS)}
