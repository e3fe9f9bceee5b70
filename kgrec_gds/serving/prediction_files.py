"""A folder of predictions for a whole import: a CSV file for neo4j-admin, and what the run publishes beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.locks import locked
from kgrec_gds.models.manifest import read_json, write_json
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.serving.predictions import Predictions
from kgrec_gds.serving.write_predictions import WriteResult

if TYPE_CHECKING:
    from kgrec_gds.serving.loaded_model import LoadedModel

_CSV, _DATASET, _DESCRIPTION = "predicted_rating.csv", "dataset.npz", "predictions.json"
_FILES = {_CSV, f"{_CSV}.part", _DATASET, _DESCRIPTION, ".lock"}


@dataclass(frozen=True)
class PredictionFiles:
    """The folder that `predict --csv-dir` writes and `import --predictions` reads."""

    folder: Path

    @classmethod
    def check_place(cls, folder: Path) -> None:
        """Make the folder, and refuse one that holds anything else.

        Raises:
            InputError: it cannot be used.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            others = sorted({path.name for path in folder.iterdir()} - _FILES)
        except OSError as error:
            raise InputError(
                f"Cannot write to {folder} ({error.strerror}). Choose another folder."
            ) from error
        if others:
            raise InputError(
                f"{folder} contains something other than predictions, such as {others[0]}; expected a new or empty folder. "
                "Choose another folder."
            )

    @classmethod
    def open(cls, folder: Path) -> "PredictionFiles":
        """A folder that is complete, and whose model run is on this machine.

        Raises:
            InputError: `predict` has not written it, or not to its end.
            ModelRunError: the run is not here, or its files are damaged.
        """
        files = cls(folder)
        if not (folder / _DESCRIPTION).is_file():
            raise InputError(
                f"{folder} holds no complete predictions; write them with kgrec-gds predict --csv-dir {folder}."
            )
        files.run.check()
        return files

    @property
    def csv(self) -> Path:
        """The relationships."""
        return self.folder / _CSV

    @property
    def predictions(self) -> int:
        """Number of relationships."""
        return int(read_json(self.folder / _DESCRIPTION)["predictions_written"])

    @property
    def run(self) -> RunFolder:
        """The model run that predicted."""
        return RunFolder.open(read_json(self.folder / _DESCRIPTION)["model_id"])

    def write(
        self,
        loaded: "LoadedModel",
        blocks: Iterable[Predictions],
        predicted_at: int,
        histories: Mapping[str, str],
    ) -> WriteResult:
        """Write the predictions of a model, block by block, and the data set from which the run is published."""
        from kgrec_gds.serving.prediction_table import write_csv_file

        with locked(self.folder / ".lock"):
            (self.folder / _DESCRIPTION).unlink(missing_ok=True)  # it says that the files are complete
            counts = write_csv_file(
                blocks, self.csv, loaded.model_id, predicted_at=predicted_at, histories=histories
            )
            loaded.dataset.save(self.folder / _DATASET)
            written = WriteResult(loaded.model_id, *counts, 0, 0, predicted_at)
            write_json(self.folder / _DESCRIPTION, asdict(written))
        return written

    def complete(self, connection: Connection) -> None:
        """Add to a graph with the relationships what else `predict` writes: empty lists, the run, and what it publishes."""
        from kgrec_gds.data.dataset import Dataset
        from kgrec_gds.serving.loaded_model import LoadedModel
        from kgrec_gds.serving.model_runs import record_run, recording
        from kgrec_gds.serving.publish_run import publish_run

        run = self.run
        connection.run_alone("serving/empty_lists", modelId=run.model_id)
        with recording(run):
            record_run(connection, run)
            publish_run(connection, LoadedModel(connection, run, Dataset.load(self.folder / _DATASET)))
