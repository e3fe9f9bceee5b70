"""Draw movies, people and ratings, and write them as IMDb's tables, with a few faulty rows as in real data."""

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgrec_gds.synthetic.imdb_tables import ratings_rows, tables
from kgrec_gds.synthetic.rating_history import make_history
from kgrec_gds.synthetic.synthetic_settings import SyntheticDataSettings
from kgrec_gds.synthetic.world import make_world


@dataclass(frozen=True)
class SyntheticData:
    """Folder and size of the data set, faulty rows included."""

    folder: Path
    users: int
    movies: int
    people: int
    ratings: int
    faults: int
    """Rating rows that cleaning removes."""


def generate(out: Path, settings: SyntheticDataSettings | None = None) -> SyntheticData:
    """Write `title.*.tsv.gz`, `name.basics.tsv.gz` and `user_rating.csv.gz` into the folder `out`, created if missing."""
    settings = settings or SyntheticDataSettings()
    rng = np.random.default_rng(settings.seed)
    world = make_world(rng, settings)
    history = make_history(rng, settings, world)
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables(rng, world, history).items():
        _write_rows(out / f"{name}.tsv.gz", rows, "\t")
    ratings, faults = ratings_rows(rng, history)
    _write_rows(out / "user_rating.csv.gz", ratings, ",")
    return SyntheticData(
        folder=out,
        users=settings.users,
        movies=settings.movies,
        people=len(world.people),
        ratings=len(ratings) - 1,
        faults=faults,
    )


def _write_rows(path: Path, rows: Iterable[Sequence[object]], delimiter: str) -> None:
    r"""Write rows joined by `delimiter`, None as `\N`, gzipped without name or time: equal rows give equal bytes."""
    lines = (delimiter.join("\\N" if value is None else str(value) for value in row) for row in rows)
    text = "".join(f"{line}\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=6, mtime=0))
