"""Put a ranking into the graph: LIKED_TOGETHER, popularity, number of ratings, and the weights of people."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.database.connection import Connection
from kgrec_gds.progress import bars
from kgrec_gds.ranking.filters import rating_counts
from kgrec_gds.ranking.popularity import popularity
from kgrec_gds.ranking.ranker import Ranker
from kgrec_gds.ranking.shared_people import SharedPeople

#: Movies a transaction, each with up to a hundred relationships.
_MOVIES = 200
_NODES = 10_000

Row = TypeVar("Row")


def publish_ranking(connection: Connection, model_id: str, ranker: Ranker, dataset: Dataset) -> None:
    """Make the graph hold this run's ranking, so that Cypher alone can recommend as Python does.

    Popularity and numbers of ratings are renewed each time; LIKED_TOGETHER and the weights of people only where another
    ranking stands in the graph. An interrupted call is made good by the next one.
    """
    people, now = dataset.derive(SharedPeople.of), dataset.now
    digest = _digest(ranker, people, dataset)
    standing = connection.run("serving/ranking_digest")
    if standing != [{"id": model_id, "digest": digest}]:
        connection.run("serving/forget_ranking")
        _replace_weights(connection, ranker, dataset)
        rows = (
            {"nconst": key, "idf": float(idf)} for key, idf in zip(people.nconst, people.idf, strict=True)
        )
        _write(connection, "serving/person_idf", rows, _NODES)
    _write(connection, "serving/movie_statistics", _statistics(ranker, people, dataset), _NODES)
    settings = ranker.settings
    connection.run(
        "serving/record_ranking",
        id=model_id,
        likedTogether=settings.liked_together,
        people=settings.people,
        popularity=settings.popularity,
        halfLife=settings.half_life,
        popularityAt=now,
        digest=digest,
    )


def _replace_weights(connection: Connection, ranker: Ranker, dataset: Dataset) -> None:
    weights, tconst = ranker.item_weights, dataset.movies.tconst
    starts = np.flatnonzero(np.diff(weights.indptr))

    def rows() -> Iterator[dict[str, Any]]:
        for start in starts.tolist():
            own = slice(weights.indptr[start], weights.indptr[start + 1])
            others = tconst[weights.indices[own]].tolist()
            yield {"tconst": tconst[start], "others": others, "weights": weights.data[own].tolist()}

    with bars() as progress:
        task = progress.add_task("Writing LIKED_TOGETHER", total=len(starts))
        for batch in _batches(rows(), _MOVIES):
            connection.run("serving/liked_together", rows=batch)
            progress.advance(task, len(batch))
    there = set(connection.one("serving/liked_together_starts")["tconsts"])
    for gone in _batches(sorted(there.difference(tconst[starts])), _MOVIES):
        connection.run("serving/delete_liked_together", tconsts=gone)


def _statistics(ranker: Ranker, people: SharedPeople, dataset: Dataset) -> Iterator[dict[str, Any]]:
    now, movies = dataset.now, len(dataset.movies)
    columns = (
        dataset.movies.tconst.tolist(),
        rating_counts(dataset, now).tolist(),
        popularity(dataset.ratings, movies, now, ranker.settings.half_life).tolist(),
        people.norm.tolist(),
    )
    for tconst, count, current, norm in list(zip(*columns, strict=True))[1:]:
        yield {"tconst": tconst, "ratingCount": count, "popularity": current, "peopleNorm": norm}


def _write(connection: Connection, query: str, rows: Iterable[dict[str, Any]], size: int) -> None:
    for batch in _batches(rows, size):
        connection.run(query, rows=batch)


def _batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    rest = iter(rows)
    return iter(lambda: list(islice(rest, size)), [])


def _digest(ranker: Ranker, people: SharedPeople, dataset: Dataset) -> str:
    weights = ranker.item_weights
    digest = hashlib.sha256("\n".join(map(str, (*dataset.movies.tconst, *people.nconst))).encode())
    for values in (weights.indptr, weights.indices, weights.data, people.idf):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
