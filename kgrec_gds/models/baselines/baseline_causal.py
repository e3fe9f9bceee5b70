"""The baseline estimate mu + b_u + b_i as of each query: what a service without a model would predict."""

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import Callback
from kgrec_gds.models.baselines.array_baseline import ArrayBaseline, Arrays


class BaselineCausal(ArrayBaseline):
    """The baseline estimate of the base class, with a residual of 0 and without parameters."""

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Do nothing: the estimate comes from the history of each query."""

    def arrays(self) -> Arrays:
        """No parameters."""
        return {}

    def restore(self, arrays: Arrays) -> None:
        """No parameters."""
