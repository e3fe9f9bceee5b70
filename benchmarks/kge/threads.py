"""How close the vectors of several lock-free threads come to those of one: same set, settings and seed.

    python benchmarks/kge_threads.py --data ../shared/data/kge/wn18rr [--epochs 10] [--threads 2] [--repeats 3]

One thread is exact: it is trained twice and compared too. Nearness: cosine of a node's two vectors, and the share of
its ten nearest neighbours that stay.
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
import kge

from kgrec_gds import server
from kgrec_gds.database.connection import Connection
from kgrec_gds.home import HOME_VARIABLE

_SAMPLE = 500
_NEIGHBOURS = 10


def vectors(graph: Connection, settings: dict[str, Any]) -> tuple[np.ndarray, float]:
    """Train; unit vectors (nodes, size) in a fixed order of the nodes, and the last validation MRR."""
    configuration = {"validationGraph": "valid", "relationTypeProperty": "type", **settings}
    done = graph.run_alone("kge/write", name="train", configuration=configuration)[0]
    rows = graph.run("kge/vectors")
    found = np.array([row["vector"] for row in rows], np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True), done["validations"][-1]["mrr"]


def nearness(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Cosines of the same node's vectors, and the share of nearest neighbours in common."""
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
@click.option("--keep", type=click.Path(path_type=Path), help="Where kge.py --keep left its loaded server.")
def main(*, folder: Path, epochs: int, threads: int, repeats: int, keep: Path | None) -> None:
    """Print one JSON object."""
    data = kge.DataSet.read(folder)
    settings = json.loads(kge.SETTINGS.read_text(encoding="utf-8"))[folder.name]
    settings |= {"epochs": epochs, "validationInterval": epochs, "patience": 0}
    with tempfile.TemporaryDirectory(prefix="kgrec-kge-") as passing:
        os.environ[HOME_VARIABLE] = str(keep / folder.name if keep else passing)
        os.environ.setdefault("KGREC_HEAP", "4g")
        try:
            with Connection.open(server.ensure_running().address) as graph:
                kge.ready(graph, data)
                one, mrr = vectors(graph, settings | {"concurrency": 1})
                again, _ = vectors(graph, settings | {"concurrency": 1})
                several = [vectors(graph, settings | {"concurrency": threads}) for _ in range(repeats)]
        finally:
            server.stop()
    found = {
        "data": folder.name,
        "epochs": epochs,
        "threads": threads,
        "one_thread_twice": nearness(one, again),
        "one_thread_equal": bool(np.array_equal(one, again)),
        "mrr_of_one_thread": mrr,
        "against_several": [nearness(one, other) for other, _ in several],
        "several_against_each_other": [nearness(several[0][0], other) for other, _ in several[1:]],
        "mrr_of_several": [other for _, other in several],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
