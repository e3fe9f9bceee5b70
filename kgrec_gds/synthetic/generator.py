"""Draw a world and its ratings, and write them as IMDb's tables with a few faults as real data has."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgrec_gds.synthetic.gzip_rows import write_rows
from kgrec_gds.synthetic.imdb_tables import ratings_rows, tables
from kgrec_gds.synthetic.rating_history import History, make_history
from kgrec_gds.synthetic.synthetic_settings import GenerateSettings
from kgrec_gds.synthetic.world import make_world


@dataclass(frozen=True)
class Generated:
    """Where the data set lies and what it holds, faults included."""

    folder: Path
    users: int
    movies: int
    people: int
    ratings: int
    faults: int
    """Rating rows that cleaning should refuse or leave out."""


def generate(out: Path, settings: GenerateSettings | None = None) -> Generated:
    """Write a data set in IMDb's format into the folder `out`.

    Args:
        out: folder of `title.*.tsv.gz`, `name.basics.tsv.gz` and `user_rating.csv.gz`; made where it is missing.
        settings: size, seed and strength of the planted taste.
    """
    settings = settings or GenerateSettings()
    rng = np.random.default_rng(settings.seed)
    world = make_world(rng, settings)
    history: History = make_history(rng, settings, world)
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables(rng, world, history).items():
        write_rows(out / f"{name}.tsv.gz", rows, "\t")
    ratings, faults = ratings_rows(rng, history)
    write_rows(out / "user_rating.csv.gz", ratings, ",")
    return Generated(
        folder=out,
        users=settings.users,
        movies=settings.movies,
        people=len(world.people),
        ratings=len(ratings) - 1,
        faults=faults,
    )
