"""Baselines on the same splits as the model, each by its library where there is one."""

from typing import TYPE_CHECKING

from kgrec_gds.evaluate.baselines.base import Baseline

if TYPE_CHECKING:
    from collections.abc import Callable


def build(name: str, protocol: str = "global") -> Baseline:
    """A fresh baseline; under the protocol `paper` some have the published features.

    Raises:
        KeyError: where no baseline has that name.
    """
    from kgrec_gds.evaluate.baselines.causal import CausalBiases
    from kgrec_gds.evaluate.baselines.constant import GlobalMean
    from kgrec_gds.evaluate.baselines.factors import StaticBiases, Svd, TunedSvd
    from kgrec_gds.evaluate.baselines.ffnn import Ffnn
    from kgrec_gds.evaluate.baselines.folded import FoldedSvd
    from kgrec_gds.evaluate.baselines.lstm import PlainLstm
    from kgrec_gds.evaluate.baselines.ncf import Ncf

    if protocol == "paper" and name in ("ffnn", "lstm", "trees"):
        from kgrec_gds.evaluate.baselines.paper import PaperFfnn, PaperLstm, PaperTrees

        published: dict[str, Callable[[], Baseline]] = {
            "ffnn": PaperFfnn,
            "lstm": PaperLstm,
            "trees": PaperTrees,
        }
        return published[name]()
    kinds = (GlobalMean, StaticBiases, CausalBiases, Svd, TunedSvd, FoldedSvd, Ncf, Ffnn, PlainLstm)
    return {kind.name: kind for kind in kinds}[name]()
