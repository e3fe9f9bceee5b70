"""Similarity of the vectors of several lock-free threads to those of one, with the same settings and seed.

    python benchmarks/kge/threads.py --data ../shared/data/kge/wn18rr [--epochs 10] [--threads 2] [--repeats 3]

One thread is trained twice to show that it repeats exactly. Similarity is measured by the cosine of a node's two vectors,
and by the share of its ten nearest neighbours that are the same.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import link_prediction

from kgrec_gds.database.connection import Connection
from kgrec_gds.home import HOME_VARIABLE
from kgrec_gds.server import lifecycle

_SAMPLE = 500
_NEIGHBOURS = 10


def vectors(connection: Connection, settings: dict[str, Any]) -> tuple[np.ndarray, float]:
    """Train; unit vectors (nodes, dimension) in a fixed order of the nodes, and the last validation MRR."""
    configuration = {"validationGraph": "valid", "relationTypeProperty": "type", **settings}
    done = connection.run_alone("kge/write", name="train", configuration=configuration)[0]
    rows = connection.run("kge/vectors")
    found = np.array([row["vector"] for row in rows], np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True), done["validations"][-1]["mrr"]


def similarity(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Cosines of the nodes' two vectors, and the share of nearest neighbours in common."""
    cosine = np.einsum("ij,ij->i", first, second)
    sample = np.random.default_rng(0).permutation(len(first))[:_SAMPLE]
    near = [np.argsort(-(part[sample] @ part.T), axis=1)[:, 1 : _NEIGHBOURS + 1] for part in (first, second)]
    shared = [len(set(a) & set(b)) / _NEIGHBOURS for a, b in zip(*near, strict=True)]
    return {
        "mean_cosine": float(cosine.mean()),
        "fifth_percentile": float(np.percentile(cosine, 5)),
        "neighbours_kept": float(np.mean(shared)),
    }


@click.command()
@click.option(
    "--data", "folder", type=click.Path(path_type=Path, file_okay=False, exists=True), required=True
)
@click.option("--epochs", default=10, show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--repeats", default=3, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Folder given to link_prediction.py --keep.")
def main(*, folder: Path, epochs: int, threads: int, repeats: int, keep: Path | None) -> None:
    """Print one JSON object."""
    data = link_prediction.DataSet.read(folder)
    settings = json.loads(link_prediction.SETTINGS.read_text(encoding="utf-8"))[folder.name]
    settings |= {"epochs": epochs, "validationInterval": epochs, "patience": 0}
    with tempfile.TemporaryDirectory(prefix="kgrec-kge-") as temporary:
        os.environ[HOME_VARIABLE] = str(keep / folder.name if keep else temporary)
        os.environ.setdefault("KGREC_HEAP", "4g")
        try:
            with Connection.open(lifecycle.ensure_running().address) as connection:
                link_prediction.prepare(connection, data)
                one, mrr = vectors(connection, settings | {"concurrency": 1})
                again, _ = vectors(connection, settings | {"concurrency": 1})
                several = [vectors(connection, settings | {"concurrency": threads}) for _ in range(repeats)]
        finally:
            lifecycle.stop()
    found = {
        "data": folder.name,
        "epochs": epochs,
        "threads": threads,
        "one_thread_twice": similarity(one, again),
        "one_thread_equal": bool(np.array_equal(one, again)),
        "mrr_of_one_thread": mrr,
        "against_several": [similarity(one, other) for other, _ in several],
        "several_against_each_other": [similarity(several[0][0], other) for other, _ in several[1:]],
        "mrr_of_several": [other for _, other in several],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
