"""Train TransE in Neo4j on a standard link-prediction data set, evaluate it, and time it against PyKEEN.

    python benchmarks/kge/link_prediction.py --data ../shared/data/kge/fb15k-237 [--json] [--against pykeen]

The data set is loaded into a server of its own (in a temporary home), with relationship types R0 … and their real
names in `RelationType.name`, and each split is projected. Settings were chosen on validation; docs/kge.md has results.
"""

import gzip
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).parent))
import pykeen_comparison
import tensorflow_timing

from kgrec_gds.database.connection import Connection
from kgrec_gds.home import HOME_VARIABLE, home
from kgrec_gds.progress import Timer, say
from kgrec_gds.server import lifecycle

SETTINGS = Path(__file__).with_name("settings.json")
SPLITS = ("train", "valid", "test")
_BATCH = 20_000
_HEAP = "4g"
_LOADED = "loaded"

Triple = tuple[str, str, str]


@dataclass(frozen=True)
class DataSet:
    """Triples of names by split, and the relations by number."""

    triples: dict[str, list[Triple]]
    relations: list[str]

    @classmethod
    def read(cls, folder: Path) -> "DataSet":
        """Read `train`, `valid` and `test.tsv.gz`: head, relation and tail, separated by tabs."""
        triples: dict[str, list[Triple]] = {}
        for split in SPLITS:
            path = folder / f"{split}.tsv.gz"
            if not path.is_file():
                raise click.BadParameter(
                    f"{folder} has no {split}.tsv.gz; expected train, valid and test.tsv.gz.",
                    param_hint="--data",
                )
            with gzip.open(path, "rt", encoding="utf-8") as file:
                triples[split] = [_triple(line) for line in file]
        return cls(triples, sorted({relation for part in triples.values() for _, relation, _ in part}))

    def entities(self) -> list[str]:
        """Sorted names of all heads and tails."""
        return sorted({name for part in self.triples.values() for h, _, t in part for name in (h, t)})

    def rows(self, split: str) -> list[list[str]]:
        """Rows of head, relationship type and tail; held-out triples have types of their own, such as `R0_test`."""
        numbers = {relation: stored(f"R{number}", split) for number, relation in enumerate(self.relations)}
        return [[h, numbers[r], t] for h, r, t in self.triples[split]]

    def projection(self, split: str) -> dict[str, Any]:
        """Native projection of a split, with the plain name of every type."""
        present = {relation for _, relation, _ in self.triples[split]}
        names = [f"R{number}" for number, relation in enumerate(self.relations) if relation in present]
        # Native, since GDS's Cypher projection needs over 3 GB of heap for 237 types.
        return {name: {"type": stored(name, split), "orientation": "NATURAL"} for name in names}


def stored(name: str, split: str) -> str:
    """Relationship type in the database of a relation's triples of a split."""
    return name if split == "train" else f"{name}_{split}"


def _triple(line: str) -> Triple:
    head, relation, tail = line.rstrip("\n").split("\t")
    return head, relation, tail


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


def load(connection: Connection, data: DataSet) -> None:
    """Create the entities, relation names and triples in an empty database."""
    connection.run_alone("kge/entity_key")
    for names in _batches(data.entities()):
        connection.run("kge/entities", names=names)
    types = [{"type": f"R{number}", "name": name} for number, name in enumerate(data.relations)]
    connection.run("kge/relation_types", rows=types)
    for split in SPLITS:
        for rows in _batches(data.rows(split)):
            connection.run("kge/triples", rows=rows)


def prepare(connection: Connection, data: DataSet) -> None:
    """Load the data set unless it is loaded, and project its splits."""
    if not (home() / _LOADED).is_file():
        load(connection, data)
        (home() / _LOADED).touch()
    for split in SPLITS:
        connection.run("kge/project", name=split, types=data.projection(split))


def train_and_evaluate(connection: Connection, settings: dict[str, Any], timer: Timer) -> dict[str, Any]:
    """Train on the projection `train`, validate on `valid`, rank `test`."""
    with timer.stage("train"):
        trained = connection.run_alone(
            "kge/write",
            name="train",
            configuration={"validationGraph": "valid", "relationTypeProperty": "type", **settings},
        )[0]
    with timer.stage("evaluate"):
        ranking = {key: settings[key] for key in ("scoringFunction", "distance") if key in settings}
        configuration = {
            "filterGraphs": ["valid"],
            "testGraph": "test",
            "relationTypeProperty": "type",
            **ranking,
        }
        found = connection.run_alone("kge/evaluate", name="train", configuration=configuration)[0]
    return {
        "mrr": found["mrr"],
        "mr": found["mr"],
        "hits_at_1": found["hitsAt1"],
        "hits_at_3": found["hitsAt3"],
        "hits_at_10": found["hitsAt10"],
        "test_triples": found["tripleCount"],
        "unseen_test_triples": found["unseenTripleCount"],
        "test_triples_in_training": found["leaks"]["testTriplesInTraining"],
        "inverse_triples_in_training": found["leaks"]["inverseTriplesInTraining"],
        "triples_per_second": trained["triplesPerSecond"],
        "pairs_per_second": trained["pairsPerSecond"],
        "kernels": trained["kernels"],
        "ran_epochs": trained["ranEpochs"],
        "best_epoch": trained["bestEpoch"],
        "validations": trained["validations"],
        "losses": trained["losses"],
    }


@click.command()
@click.option(
    "--data", "folder", type=click.Path(path_type=Path, file_okay=False, exists=True), required=True
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.option(
    "--against",
    type=click.Choice(["pykeen", "tensorflow"]),
    multiple=True,
    help="Also time PyKEEN (in its own virtual environment) or the TensorFlow trainer; repeatable.",
)
@click.option(
    "--settings", type=click.Path(path_type=Path, dir_okay=False), default=SETTINGS, show_default=True
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=JSON",
    help="Change a setting, such as epochs=2; repeatable.",
)
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Keep the loaded server in this folder for the next run."
)
@click.option("--rounds", default=3, show_default=True, help="With --against: interleaved timings of each.")
@click.option(
    "--race-seconds",
    default=120.0,
    show_default=True,
    help="With --against pykeen: training time of PyKEEN, at least an epoch.",
)
@click.option(
    "--only-against", is_flag=True, help="Only compare with --against; leave out the full training."
)
def main(
    *,
    folder: Path,
    as_json: bool,
    against: tuple[str, ...],
    settings: Path,
    changes: tuple[str, ...],
    keep: Path | None,
    rounds: int,
    race_seconds: float,
    only_against: bool,
) -> None:
    """Load the data set, train in the database, evaluate on the test triples."""
    data = DataSet.read(folder)
    chosen = json.loads(settings.read_text(encoding="utf-8"))[folder.name]
    chosen |= {key: json.loads(value) for key, value in (change.split("=", 1) for change in changes)}
    timer = Timer()
    with tempfile.TemporaryDirectory(prefix="kgrec-kge-") as temporary:
        os.environ[HOME_VARIABLE] = str(keep / folder.name if keep else temporary)
        os.environ.setdefault("KGREC_HEAP", _HEAP)
        try:
            result = _run(data, chosen, timer, Against(against, rounds, race_seconds, only_against))
        finally:
            lifecycle.stop()
    seconds = {"seconds": round(sum(timer.seconds.values()), 1), "seconds_by_stage": timer.seconds}
    result = {"data": folder.name, **result, **seconds, "settings": chosen}
    if as_json:
        print(json.dumps(result))
        return
    for key, value in result.items():
        print(f"{key}: {value}")


@dataclass(frozen=True)
class Against:
    """The other trainers to compare with."""

    trainers: tuple[str, ...]
    rounds: int
    race_seconds: float
    only: bool


def _run(data: DataSet, settings: dict[str, Any], timer: Timer, against: Against) -> dict[str, Any]:
    with timer.stage("server"):
        address = lifecycle.ensure_running().address
    with Connection.open(address) as connection:
        with timer.stage("load"):
            prepare(connection, data)
        result: dict[str, Any] = {}
        if not against.only:
            say(f"Training on {len(data.triples['train']):,} triples with {settings} ...")
            result |= train_and_evaluate(connection, settings, timer)
        with timer.stage("against"):
            if "pykeen" in against.trainers:
                result |= pykeen_comparison.compare(
                    connection, data.triples["train"], settings, against.rounds
                )
                seconds, batch = against.race_seconds, result["pykeen_batch"]
                result |= pykeen_comparison.race(connection, data.triples, settings, batch, seconds)
            if "tensorflow" in against.trainers:
                result |= tensorflow_timing.timing(data.triples["train"], settings)
    return result


if __name__ == "__main__":
    main()
