"""Predictions as Arrow tables, which processes exchange as Parquet, and as CSV for neo4j-admin."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from kgrec_gds.loading.graph_layout import PREDICTED_RATINGS
from kgrec_gds.serving.predictions import PART_PROPERTIES, Predictions, ScoreParts

_ARROW = {"string": pa.string(), "long": pa.int64(), "double": pa.float64()}


def _arrow(kind: str) -> pa.DataType:
    """Arrow's type for one of neo4j-admin's."""
    return pa.list_(_ARROW[kind[:-2]]) if kind.endswith("[]") else _ARROW[kind]


def _spark(kind: str) -> str:
    """Spark's type for one of neo4j-admin's."""
    return f"array<{kind[:-2]}>" if kind.endswith("[]") else kind


#: Properties that are the same for all predictions of a user.
_OF_USERS = ("modelId", "predictedAt", "history")
_KINDS = {**dict.fromkeys(PREDICTED_RATINGS.keys, "string"), **PREDICTED_RATINGS.properties}
_COLUMNS = {name: kind for name, kind in _KINDS.items() if name not in _OF_USERS}
TABLE = pa.schema([(name, _arrow(kind)) for name, kind in _COLUMNS.items()])
SPARK_SCHEMA = ", ".join(f"{name} {_spark(kind)}" for name, kind in _COLUMNS.items())
#: As for labels, neo4j-admin's default.
_DELIMITER = ";"


def to_table(predictions: Predictions) -> pa.Table:
    """One row a prediction, columns as the properties in the graph; null is what the graph does not store."""
    ranked = predictions.rank > 0
    parts = predictions.parts.tolist()
    there = predictions.attention_movies != ""
    offsets = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    columns = {
        "userId": predictions.user_ids,
        "tconst": predictions.tconsts,
        "rating": predictions.rating.astype(np.float64),
        "rank": pa.array(predictions.rank.astype(np.int64), mask=~ranked),
        "score": pa.array(predictions.score, mask=~ranked),
        **{
            name: [part and getattr(part, attribute) for part in parts]
            for name, attribute in PART_PROPERTIES.items()
        },
        "attentionMovies": _lists(offsets, predictions.attention_movies[there], pa.string()),
        "attentionWeights": _lists(offsets, predictions.attention_weights[there], pa.float64()),
    }
    return pa.table([pa.array(columns[name], TABLE.field(name).type) for name in TABLE.names], TABLE)


def from_table(table: pa.Table) -> Predictions:
    """What `to_table` read."""
    values = {name: table[name].combine_chunks() for name in table.column_names}
    counts = np.diff(values["attentionMovies"].offsets.to_numpy())
    window = int(counts.max(initial=0))
    there = np.arange(window) >= window - counts[:, None]
    movies, weights = np.full(there.shape, "", object), np.zeros(there.shape, np.float32)
    movies[there] = values["attentionMovies"].flatten().to_numpy(zero_copy_only=False)
    weights[there] = values["attentionWeights"].flatten().to_numpy()
    parts = np.full(len(table), None, object)
    rows = zip(*(values[name].to_pylist() for name in PART_PROPERTIES), strict=True)
    parts[:] = [None if row[0] is None else ScoreParts(*row) for row in rows]
    return Predictions(
        user_ids=values["userId"].to_numpy(zero_copy_only=False),
        tconsts=values["tconst"].to_numpy(zero_copy_only=False),
        rating=values["rating"].to_numpy().astype(np.float32),
        rank=values["rank"].fill_null(0).to_numpy().astype(np.int32),
        score=values["score"].fill_null(np.nan).to_numpy(),
        parts=parts,
        attention_movies=movies,
        attention_weights=weights,
    )


def write_csv_file(
    blocks: Iterable[Predictions],
    path: Path,
    model_id: str,
    *,
    predicted_at: int,
    histories: Mapping[str, str],
) -> tuple[int, int]:
    """Write predictions block by block as CSV with neo4j-admin's header; the file appears when it is complete.

    Returns:
        the number of predictions, and of recommendations among them.
    """
    headers = PREDICTED_RATINGS.headers
    fields = [(headers[name], _ARROW.get(kind, pa.string())) for name, kind in _KINDS.items()]
    part, predictions, recommendations = path.with_name(f"{path.name}.part"), 0, 0
    with csv.CSVWriter(part, pa.schema(fields)) as writer:
        for block in blocks:
            columns = dict(zip(TABLE.names, map(_as_text, to_table(block).columns), strict=True))
            columns["modelId"] = pa.repeat(model_id, len(block))
            columns["predictedAt"] = pa.repeat(predicted_at, len(block))
            columns["history"] = pa.array(map(histories.get, block.user_ids), pa.string())
            writer.write(pa.table([columns[name] for name in _KINDS], pa.schema(fields)))
            predictions += len(block)
            recommendations += int((block.rank > 0).sum())
    part.replace(path)
    return predictions, recommendations


def _lists(offsets: NDArray[np.int32], values: NDArray[np.generic], kind: pa.DataType) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, kind))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists as one text each, the empty list as the empty text; numbers so that they are read as the same number."""
    if not pa.types.is_list(column.type):
        return column
    return pc.binary_join(column.cast(pa.list_(pa.string())), _DELIMITER)
