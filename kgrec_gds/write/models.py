"""Which model run is meant."""

from kgrec_gds.graph import Graph
from kgrec_gds.train.run_folder import RunFolder


def chosen_run(graph: Graph, model_id: str | None = None) -> RunFolder:
    """The run of that id; without one the promoted run, else the latest finished one.

    Raises:
        ModelRunError: there is no such run on this machine.
    """
    if model_id is not None:
        return RunFolder.open(model_id)
    promoted = graph.run("write/promoted_model")
    return RunFolder.open(promoted[0]["id"]) if promoted else RunFolder.latest()
