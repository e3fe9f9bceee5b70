"""Publish a run: put its ranking, and its network where the database can use it, into the graph."""

from kgrec_gds.database.connection import Connection
from kgrec_gds.models.base import RatingModel
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.publish import publish
from kgrec_gds.serving.publish_ranking import publish_ranking


def publish_run(connection: Connection, loaded: LoadedModel, *, network: bool = True) -> bool:
    """Make the graph hold the run's ranking and network, as of the latest rating.

    Returns:
        whether the network was published: it was wanted, it is an attention-LSTM, and the server has the plugin.
    """
    now = loaded.dataset.now
    publish_ranking(connection, loaded.model_id, loaded.ranker_at(now), loaded.dataset)
    if not (network and _can_serve(connection, loaded.run)):
        return False
    model: RatingModel = loaded.model_at(now)
    publish(connection, loaded.model_id, model, loaded.dataset)
    return True


def _can_serve(connection: Connection, run: RunFolder) -> bool:
    if run.read("settings")["model"] != "attention_lstm":
        return False
    return bool(connection.one("serving/has_procedures")["present"])
