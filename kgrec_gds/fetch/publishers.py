"""Who publishes what, where, and on which terms."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One publisher."""

    name: str
    address: str
    """Folder of the files; `--from` puts another in its place."""
    files: tuple[str, ...]
    terms: str
    """Shown before the download and kept beside the data."""
    has_checksums: bool = False
    """Whether `<file>.md5` is published for some of the files."""
    has_ratings: bool = True
    """Whether `user_rating.csv.gz` is made of the files."""


IMDB = Source(
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

MOVIELENS = Source(
    name="movielens",
    address="https://files.grouplens.org/datasets/movielens",
    files=("ml-latest-small.zip",),
    has_checksums=True,
    terms=(
        "MovieLens is published by GroupLens, University of Minnesota, for research; it may be redistributed only under\n"
        "the same conditions and used commercially only with their permission. Its README stands beside the data.\n"
        "Terms: https://grouplens.org/datasets/movielens/\n"
    ),
)

MOVIETWEETINGS = Source(
    name="movietweetings",
    address="https://raw.githubusercontent.com/sidooms/MovieTweetings/master/latest",
    files=("ratings.dat",),
    terms=(
        "MovieTweetings is published by Simon Dooms under the MIT licence.\n"
        "Terms: https://github.com/sidooms/MovieTweetings\n"
    ),
)

SOURCES = {source.name: source for source in (IMDB, MOVIELENS, MOVIETWEETINGS)}
