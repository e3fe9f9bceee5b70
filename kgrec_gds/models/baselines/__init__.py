"""Baselines on the same splits as the model, each by its library where there is one."""

from typing import TYPE_CHECKING

from kgrec_gds.models.baselines.base import Baseline

if TYPE_CHECKING:
    from collections.abc import Callable


def build(name: str, protocol: str = "global") -> Baseline:
    """A fresh baseline; under the protocol `paper` some have the published features.

    Raises:
        KeyError: where no baseline has that name.
    """
    from kgrec_gds.models.baselines.causal import CausalBiases
    from kgrec_gds.models.baselines.constant import GlobalMean
    from kgrec_gds.models.baselines.ffnn import Ffnn
    from kgrec_gds.models.baselines.folded_svd import FoldedSvd
    from kgrec_gds.models.baselines.ncf import Ncf
    from kgrec_gds.models.baselines.plain_lstm import PlainLstm
    from kgrec_gds.models.baselines.svd import StaticBiases, Svd, TunedSvd

    if protocol == "paper" and name in ("ffnn", "lstm", "trees"):
        from kgrec_gds.models.baselines.published_baselines import PaperFfnn, PaperLstm, PaperTrees

        published: dict[str, Callable[[], Baseline]] = {
            "ffnn": PaperFfnn,
            "lstm": PaperLstm,
            "trees": PaperTrees,
        }
        return published[name]()
    kinds = (GlobalMean, StaticBiases, CausalBiases, Svd, TunedSvd, FoldedSvd, Ncf, Ffnn, PlainLstm)
    return {kind.name: kind for kind in kinds}[name]()
